"""What may still go out of an approved application (domain M12, FTR-03); reads only.

The figure of the rule and that of the lists that offer a payment are the same expressions.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce, Least

from contracts.models import ContractReview
from documents.choices import WfStatus
from funds.choices import TransferStatus
from funds.models import FundTransfer, Loan
from funds.models.fields import ZERO

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from applications.models import BusinessApplication


@dataclass(frozen=True)
class Payable:
    """Yuan that may go out of an application: what was approved, within the contract in force."""

    approved: Decimal
    contract: Decimal | None = None

    @property
    def amount(self) -> Decimal:
        return self.approved if self.contract is None else min(self.approved, self.contract)


def payable_of(application: BusinessApplication) -> Payable:
    """An application has one valid review at most (CTR-08); its contract bounds every payment."""
    signed = _signed(application.pk).values_list("amount", flat=True)
    return Payable(application.approved_amount or ZERO, signed.first())


def disbursed_of(application_id: int) -> Decimal:
    """What the loans of the application were paid out with, in yuan."""
    found = _loans(application_id).aggregate(total=Sum("principal"))
    return found["total"] or ZERO


def in_use(application: BusinessApplication, *, excluding: int | None = None) -> Decimal:
    """Yuan that are paid out or claimed by transfers on their way (FTR-03); ``excluding`` is the
    asking transfer.

    Read it with the application locked.
    """
    claimed = _waiting(application.pk, excluding=excluding).aggregate(total=Sum("claimed"))
    return disbursed_of(application.pk) + (claimed["total"] or ZERO)


def with_money_left(applications: QuerySet[BusinessApplication]) -> QuerySet[BusinessApplication]:
    """Those of which ``payable_of`` is above ``in_use``, in the statement that reads them."""
    own = OuterRef("pk")
    contract = Subquery(_signed(own).values("amount")[:1])
    used = _total(_loans(own), "principal") + _total(_waiting(own), "claimed")
    # LEAST leaves out what is NULL: without a contract the approval alone bounds.
    bound = Coalesce(Least("approved_amount", contract), ZERO)
    return applications.annotate(left=bound - used).filter(left__gt=0)


def _signed(application: Any) -> QuerySet[ContractReview]:
    return ContractReview.objects.filter(valid_application=application, wf_status=WfStatus.APPROVED)


def _loans(application: Any) -> QuerySet[Loan]:
    return Loan.objects.filter(application=application)


def _waiting(application: Any, *, excluding: int | None = None) -> QuerySet[FundTransfer]:
    rows = FundTransfer.objects.filter(application=application)
    rows = rows.exclude(biz_status=TransferStatus.EXECUTED)
    return rows if excluding is None else rows.exclude(pk=excluding)


def _total(rows: QuerySet[Any], column: str) -> Coalesce:
    """The sum of a column over the rows of one application."""
    sums = rows.order_by().values("application").annotate(total=Sum(column)).values("total")
    return Coalesce(Subquery(sums), ZERO)
