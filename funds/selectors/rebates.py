"""What a business reserves for its channel and what is taken of it (domain M14); reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Sum

from funds.choices import TransferStatus
from funds.models import FundTransfer, RebateApplication
from funds.models.fields import ZERO

if TYPE_CHECKING:
    from django.db.models import QuerySet


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


def executed_transfers(application_id: int) -> QuerySet[FundTransfer]:
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


def claimed_of(application_id: int, *, excluding: int | None = None) -> Decimal:
    rows = RebateApplication.objects.filter(application=application_id).exclude(pk=excluding or 0)
    return rows.aggregate(total=Sum("claimed"))["total"] or ZERO


def claimed_in_month(channel_id: int, day: date, *, excluding: int | None = None) -> Decimal:
    """What all businesses of the channel claimed in the month of ``day``."""
    rows = RebateApplication.objects.filter(
        channel=channel_id, claimed_on__year=day.year, claimed_on__month=day.month
    ).exclude(pk=excluding or 0)
    return rows.aggregate(total=Sum("claimed"))["total"] or ZERO
