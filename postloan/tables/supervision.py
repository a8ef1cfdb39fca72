"""The lists of a supervision."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from documents.rows import RowTable
from lending_crm.common.errors import DomainError
from postloan.models import FundFlowRow
from postloan.rules.supervision.refusals import flow_not_positive


def _check(row: Any) -> Iterable[DomainError]:
    if row.amount is not None and row.amount <= 0:
        yield flow_not_positive()


FUND_FLOW = RowTable(
    name="fund_flow",
    model=FundFlowRow,
    label=_("Verified fund flow"),
    columns=("payee", "amount", "use", "proof"),
    totals=("amount",),
    add_label=_("Add a payment"),
    note=_("Where the borrower's payments went, with the proof of each."),
    check=_check,
)
