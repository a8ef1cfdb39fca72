"""What a business reserves for its channel and what is taken of it (domain M14); reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from funds.choices import TransferStatus
from funds.models import FundTransfer, RebateApplication
from funds.models.fields import ZERO

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from applications.models import BusinessApplication


@dataclass(frozen=True)
class Reserve:
    """Yuan: ``principal`` paid out, ``reserve`` for the channel, ``claimed`` of it by others."""

    principal: Decimal
    reserve: Decimal
    claimed: Decimal

    @property
    def available(self) -> Decimal:
        """可返点金额 = Σ executed rebate amounts − paid − in process."""
        return max(self.reserve - self.claimed, ZERO)


def executed_transfers(application_id: int | OuterRef) -> QuerySet[FundTransfer]:
    rows = FundTransfer.objects.filter(
        application=application_id, biz_status=TransferStatus.EXECUTED
    )
    return rows.order_by("executed_on", "pk")


def reserve_of(application_id: int, *, excluding: int | None = None) -> Reserve:
    """Read it with the application locked wherever something is taken."""
    found = executed_transfers(application_id).aggregate(
        principal=Sum("principal"), reserve=Sum("rebate_amount")
    )
    return Reserve(
        found["principal"] or ZERO,
        found["reserve"] or ZERO,
        claimed_of(application_id, excluding=excluding),
    )


def with_rebate_left(
    applications: QuerySet[BusinessApplication],
) -> QuerySet[BusinessApplication]:
    """Those of whose reserve something is available, in the statement that reads them; and those
    without any money out yet, of which the rules say why."""
    own = OuterRef("pk")
    taken = RebateApplication.objects.filter(application=own).order_by().values("application")
    reserved = executed_transfers(own).order_by().values("application")
    return applications.annotate(
        reserve=Subquery(reserved.annotate(total=Sum("rebate_amount")).values("total")),
        taken=Coalesce(Subquery(taken.annotate(total=Sum("claimed")).values("total")), ZERO),
    ).filter(Q(reserve=None) | Q(reserve__gt=F("taken")))


def claimed_of(application_id: int, *, excluding: int | None = None) -> Decimal:
    rows = RebateApplication.objects.filter(application=application_id).exclude(pk=excluding or 0)
    return rows.aggregate(total=Sum("claimed"))["total"] or ZERO


def claimed_in_month(channel_id: int, day: date, *, excluding: int | None = None) -> Decimal:
    """What all businesses of the channel claimed in the month of ``day``."""
    rows = RebateApplication.objects.filter(
        channel=channel_id, claimed_on__year=day.year, claimed_on__month=day.month
    ).exclude(pk=excluding or 0)
    return rows.aggregate(total=Sum("claimed"))["total"] or ZERO
