"""中介业务申请单 (M8): business that the company only arranges, with its fee sheet."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

import pgtrigger

from applications.choices import (
    BookingKind,
    IntermediaryStatus,
    RepaymentMethod,
    SheetItem,
)
from customers.triggers import follows_bad_customer
from documents.models import Document
from documents.querysets import DocumentQuerySet
from documents.rows import Row
from documents.triggers import frozen_fields, frozen_rows
from lending_crm.common.search import SearchIndex

_MONEY: dict[str, Any] = {"max_digits": 18, "decimal_places": 2}
_PERCENT: dict[str, Any] = {"max_digits": 9, "decimal_places": 4}


class IntermediaryApplication(Document):
    """A loan of another funder; no principal of ours goes out (MED-07).

    ``fee`` and ``amount_total`` are computed. ``held_contract_no`` repeats the contract number
    while the document is in use, so that the number is free again once it is void or rejected.
    """

    customer = models.ForeignKey(
        "customers.Customer",
        models.PROTECT,
        related_name="intermediary_applications",
        verbose_name=_("customer"),
        editable=False,
    )
    opportunity = models.ForeignKey(
        "customers.Opportunity",
        models.PROTECT,
        related_name="intermediary_applications",
        verbose_name=_("opportunity"),
        editable=False,
    )
    funder = models.ForeignKey(
        "customers.Customer",
        models.PROTECT,
        related_name="funded_applications",
        verbose_name=_("funder"),
    )
    signed_on = models.DateField(pgettext_lazy("intermediary business", "signed on"))
    contract_no = models.CharField(_("contract number"), max_length=60)
    held_contract_no = models.CharField(max_length=60, null=True, unique=True, editable=False)  # noqa: DJ001
    signer = models.CharField(_("signer"), max_length=30)
    sign_amount = models.DecimalField(
        _("signed amount (CNY)"), **_MONEY, validators=[MinValueValidator(Decimal("0.01"))]
    )
    term_months = models.PositiveSmallIntegerField(
        _("term (months)"), validators=[MinValueValidator(1)]
    )
    funder_rate = models.DecimalField(
        _("funder's annual rate (%)"),
        **_PERCENT,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    fee_rate = models.DecimalField(
        _("service fee rate (%)"),
        **_PERCENT,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    fee = models.DecimalField(_("service fee (CNY)"), **_MONEY, default=Decimal(0), editable=False)
    amount_total = models.DecimalField(
        _("total requested amount"), **_MONEY, default=Decimal(0), editable=False
    )
    biz_status = models.CharField(
        _("business status"),
        max_length=20,
        choices=IntermediaryStatus.choices,
        default=IntermediaryStatus.IN_PROGRESS,
        editable=False,
    )
    funded_on = models.DateField(_("paid out by the funder on"), null=True, editable=False)
    fee_received_on = models.DateField(_("service fee received on"), null=True, editable=False)

    objects = DocumentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("intermediary application")
        constraints = [
            models.CheckConstraint(
                condition=Q(sign_amount__gt=0, term_months__gte=1, funder_rate__gte=0),
                name="intermediary_ranges",
            ),
            models.CheckConstraint(
                condition=Q(fee_rate__gte=0, fee_rate__lte=100), name="intermediary_fee_rate"
            ),
            models.CheckConstraint(
                condition=Q(biz_status__in=IntermediaryStatus.values),
                name="intermediary_biz_status",
            ),
            models.CheckConstraint(
                condition=Q(held_contract_no=None) | Q(held_contract_no=F("contract_no")),
                name="intermediary_held_number",
            ),
        ]
        indexes = [SearchIndex("contract_no__lower", name="intermediary_contract_search")]
        triggers = [
            frozen_fields(free=["biz_status", "held_contract_no", "funded_on", "fee_received_on"]),
            follows_bad_customer,
        ]

    def get_absolute_url(self) -> str:
        return reverse("applications:intermediary_detail", args=[self.pk])


class IntermediaryLine(Row):
    """申请金额明细 of the funder's loan."""

    document = models.ForeignKey(IntermediaryApplication, models.CASCADE, related_name="lines")
    product = models.CharField(_("funder's product"), max_length=60)
    amount = models.DecimalField(
        _("requested amount (CNY)"), **_MONEY, validators=[MinValueValidator(Decimal("0.01"))]
    )
    term_months = models.PositiveSmallIntegerField(
        _("term (months)"), validators=[MinValueValidator(1)]
    )
    annual_rate = models.DecimalField(
        _("annual rate (%)"),
        **_PERCENT,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    method = models.CharField(_("repayment method"), max_length=20, choices=RepaymentMethod.choices)

    class Meta(Row.Meta):
        verbose_name = _("amount line of intermediary business")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="intermediary_line_positive")
        ]
        triggers = [frozen_rows()]

    def __str__(self) -> str:
        return f"{self.product} {self.amount}"


class SheetLine(Row):
    """业务代收代缴费用单: money of the customer that passes through, never income.

    The amounts are those of the day on which the document was written; what is booked after
    the approval stands in ``FeeBooking``.
    """

    document = models.ForeignKey(IntermediaryApplication, models.CASCADE, related_name="sheet")
    item = models.CharField(_("fee item"), max_length=16, choices=SheetItem.choices)
    payee = models.CharField(_("payee"), max_length=80)
    due = models.DecimalField(_("due (CNY)"), **_MONEY, validators=[MinValueValidator(Decimal(0))])
    received = models.DecimalField(
        _("received (CNY)"),
        **_MONEY,
        default=Decimal(0),
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    received_on = models.DateField(_("received on"), null=True, blank=True)
    paid = models.DecimalField(
        _("paid on (CNY)"),
        **_MONEY,
        default=Decimal(0),
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    paid_on = models.DateField(_("date of payment"), null=True, blank=True)
    voucher = models.CharField(_("voucher number"), max_length=60, blank=True)
    refunded = models.DecimalField(
        _("refunded (CNY)"),
        **_MONEY,
        default=Decimal(0),
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    balance = models.DecimalField(_("balance (CNY)"), **_MONEY, default=Decimal(0), editable=False)

    class Meta(Row.Meta):
        verbose_name = _("line of the fee sheet")
        constraints = [
            models.CheckConstraint(
                condition=Q(due__gte=0, received__gte=0, paid__gte=0, refunded__gte=0),
                name="sheet_line_amounts",
            ),
            models.CheckConstraint(
                condition=Q(balance__gte=0, balance=F("received") - F("paid") - F("refunded")),
                name="sheet_line_balance",
            ),
            models.CheckConstraint(condition=Q(paid=0) | ~Q(voucher=""), name="sheet_line_voucher"),
        ]
        triggers = [frozen_rows()]

    def __str__(self) -> str:
        return f"{self.get_item_display()} {self.payee}"


class FeeBooking(models.Model):
    """A receipt, payment or refund that finance booked on an approved fee sheet.

    Rows are added, never changed; a wrong one is answered by one that ``reverses`` it.
    """

    line = models.ForeignKey(SheetLine, models.PROTECT, related_name="bookings")
    kind = models.CharField(_("booking"), max_length=8, choices=BookingKind.choices)
    amount = models.DecimalField(
        _("amount (CNY)"), **_MONEY, validators=[MinValueValidator(Decimal("0.01"))]
    )
    booked_on = models.DateField(_("date"))
    voucher = models.CharField(_("voucher number"), max_length=60, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="reversal", verbose_name=_("reverses")
    )
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("booked by")
    )
    booked_at = models.DateTimeField(_("booked at"))

    class Meta:
        verbose_name = _("booking on the fee sheet")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="fee_booking_positive"),
            models.CheckConstraint(
                condition=~Q(kind=BookingKind.PAYMENT) | ~Q(voucher=""), name="fee_booking_voucher"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"

    @property
    def is_reversible(self) -> bool:
        return self.reverses_id is None and not hasattr(self, "reversal")
