"""A loan belongs to the branch of its customer, also after a 工作移交 across branches (M20)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import translation

from funds.models import Loan
from lending_crm.common.changes import changed_fields, field_values
from lending_crm.common.models import ChangeRecord

if TYPE_CHECKING:
    from staff.models import Employee


class LoansOfCustomers:
    """The ``BranchFollower`` of the ledger: reports by branch count a loan where it is kept."""

    def follow(self, branches: Mapping[int, int], *, actor: Employee | None, now: datetime) -> None:
        """Loans of all states go along; documents keep the branch that decided on them."""
        rows = Loan.objects.select_for_update(of=("self",), no_key=True).filter(
            customer__in=branches
        )
        moved, changes = [], []
        for loan in rows.select_related("branch").order_by("pk"):
            if loan.branch_id == branches[loan.customer_id]:
                continue
            with translation.override("zh-hans"):
                before = field_values(loan, ("branch",))
                loan.branch_id = branches[loan.customer_id]
                after = field_values(loan, ("branch",))
            loan.version += 1
            moved.append(loan)
            changes += changed_fields(
                instance=loan, before=before, after=after, actor=actor, now=now
            )
        Loan.objects.bulk_update(moved, ["branch", "version"])
        ChangeRecord.objects.bulk_create(changes)
