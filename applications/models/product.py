"""产品: the ranges that a requested amount, term and rate must keep."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applications.choices import DayCount, GuaranteeWay, RepaymentMethod, joined_labels


class Product(models.Model):
    """A loan product. Rates are annual percent, amounts yuan, terms months.

    ``floor_rate`` lies inside the allowed range: a rate below it is possible, but moves the
    request one authority band up. A method or a guarantee outside the usual ones does too.
    """

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("product name"), max_length=60, unique=True)
    min_amount = models.DecimalField(_("minimum amount (CNY)"), max_digits=18, decimal_places=2)
    max_amount = models.DecimalField(_("maximum amount (CNY)"), max_digits=18, decimal_places=2)
    min_term = models.PositiveSmallIntegerField(_("minimum term (months)"), default=1)
    max_term = models.PositiveSmallIntegerField(_("maximum term (months)"), default=12)
    min_rate = models.DecimalField(_("minimum annual rate (%)"), max_digits=9, decimal_places=4)
    max_rate = models.DecimalField(_("maximum annual rate (%)"), max_digits=9, decimal_places=4)
    floor_rate = models.DecimalField(_("floor rate (%)"), max_digits=9, decimal_places=4)
    day_count = models.CharField(
        _("day count"), max_length=8, choices=DayCount.choices, default=DayCount.THIRTY_360
    )
    methods = ArrayField(
        models.CharField(max_length=20, choices=RepaymentMethod.choices),
        verbose_name=_("usual repayment methods"),
    )
    guarantees = ArrayField(
        models.CharField(max_length=12, choices=GuaranteeWay.choices),
        verbose_name=_("usual guarantees"),
    )
    early_repayment_fee = models.DecimalField(
        _("early-repayment fee (%)"), max_digits=9, decimal_places=4, default=Decimal(0)
    )
    is_active = models.BooleanField(_("on offer"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("product")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(min_amount__gt=0) & Q(min_amount__lte=F("max_amount")),
                name="product_amounts",
                violation_error_message=_(
                    "The minimum amount must be above 0 and not above the maximum."
                ),
            ),
            models.CheckConstraint(
                condition=Q(min_term__gte=1) & Q(min_term__lte=F("max_term")),
                name="product_terms",
                violation_error_message=_("The minimum term cannot be longer than the maximum."),
            ),
            models.CheckConstraint(
                condition=Q(min_rate__gte=0)
                & Q(min_rate__lte=F("floor_rate"))
                & Q(floor_rate__lte=F("max_rate")),
                name="product_rates",
                violation_error_message=_("Rates must rise: minimum, floor, maximum."),
            ),
            models.CheckConstraint(
                condition=Q(early_repayment_fee__gte=0),
                name="product_early_fee",
                violation_error_message=_("The fee cannot be negative."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_methods_display(self) -> str:
        return joined_labels(RepaymentMethod, self.methods)

    def get_guarantees_display(self) -> str:
        return joined_labels(GuaranteeWay, self.guarantees)
