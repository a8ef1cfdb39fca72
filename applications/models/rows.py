"""The rows of a business application: amounts, securities and fees."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from applications.choices import (
    DisburseMode,
    FeeBasis,
    FeeKind,
    FeeTiming,
    GuaranteeItemKind,
    RepaymentMethod,
)
from applications.models.product import Product
from documents.triggers import frozen_rows


class AmountLine(models.Model):
    """申请金额明细: one requested amount with its own product, term, rate and method.

    ``plan`` is used by the method CUSTOM only: rows ``[month, principal]`` with the month
    counted from the disbursement and the principal as a decimal string.
    """

    application = models.ForeignKey(
        "applications.BusinessApplication", models.CASCADE, related_name="lines"
    )
    position = models.PositiveSmallIntegerField(default=0)
    product = models.ForeignKey(Product, models.PROTECT, verbose_name=_("product"))
    amount = models.DecimalField(_("requested amount (CNY)"), max_digits=18, decimal_places=2)
    term_months = models.PositiveSmallIntegerField(
        _("term (months)"), validators=[MinValueValidator(1)]
    )
    annual_rate = models.DecimalField(
        _("annual rate (%)"),
        max_digits=9,
        decimal_places=4,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    method = models.CharField(_("repayment method"), max_length=20, choices=RepaymentMethod.choices)
    disburse_mode = models.CharField(
        _("disbursement"),
        max_length=10,
        choices=DisburseMode.choices,
        default=DisburseMode.ONCE,
    )
    plan = models.JSONField(_("repayment plan"), default=list, blank=True)

    class Meta:
        verbose_name = _("amount line")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="amount_line_positive"),
            models.CheckConstraint(condition=Q(term_months__gte=1), name="amount_line_term"),
            models.CheckConstraint(condition=Q(annual_rate__gte=0), name="amount_line_rate"),
        ]
        triggers = [frozen_rows(document_column="application_id")]

    def __str__(self) -> str:
        return f"{self.product} {self.amount}"


class Security(models.Model):
    """A row of 担保物/保证人清单; ``lendable`` = assessed value × ratio, computed."""

    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(
        pgettext_lazy("security", "kind"), max_length=16, choices=GuaranteeItemKind.choices
    )
    name = models.CharField(pgettext_lazy("security", "name"), max_length=100)
    owner_name = models.CharField(_("owner of the property"), max_length=80, blank=True)
    assessed_value = models.DecimalField(
        _("assessed value (CNY)"),
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    ratio = models.DecimalField(
        _("lending ratio (%)"),
        max_digits=9,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    lendable = models.DecimalField(
        _("lendable value (CNY)"),
        max_digits=18,
        decimal_places=2,
        default=Decimal(0),
        editable=False,
    )

    class Meta:
        abstract = True
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


def _within_ranges(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=(Q(assessed_value=None) | Q(assessed_value__gte=0))
        & (Q(ratio=None) | Q(ratio__gte=0, ratio__lte=100)),
        name=name,
    )


class GuaranteeItem(Security):
    """What stands for a business application."""

    application = models.ForeignKey(
        "applications.BusinessApplication", models.CASCADE, related_name="guarantee_items"
    )

    class Meta(Security.Meta):
        verbose_name = _("security or guarantor")
        constraints = [_within_ranges("guarantee_item_ranges")]
        triggers = [frozen_rows(document_column="application_id")]


class ReconsideredSecurity(Security):
    """What a reconsideration offers instead (担保调整, M6); the business has it once granted."""

    document = models.ForeignKey(
        "applications.Reconsideration", models.CASCADE, related_name="guarantee_items"
    )

    class Meta(Security.Meta):
        verbose_name = _("security or guarantor")
        constraints = [_within_ranges("reconsidered_security_ranges")]
        triggers = [frozen_rows()]


class FeeLine(models.Model):
    """服务费率/其他费用 that the borrower bears; ``total`` over the term is computed."""

    application = models.ForeignKey(
        "applications.BusinessApplication", models.CASCADE, related_name="fees"
    )
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(_("fee"), max_length=12, choices=FeeKind.choices)
    basis = models.CharField(
        _("basis of the fee"), max_length=8, choices=FeeBasis.choices, default=FeeBasis.RATE
    )
    rate = models.DecimalField(
        _("fee rate (%)"),
        max_digits=9,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    amount = models.DecimalField(
        _("fee amount (CNY)"),
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    timing = models.CharField(
        _("paid when"), max_length=10, choices=FeeTiming.choices, default=FeeTiming.UPFRONT
    )
    payee = models.CharField(_("payee"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("fee")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(basis=FeeBasis.RATE, rate__gte=0, amount=None)
                | Q(basis=FeeBasis.AMOUNT, amount__gte=0, rate=None),
                name="fee_line_basis",
            )
        ]
        triggers = [frozen_rows(document_column="application_id")]

    def __str__(self) -> str:
        return self.get_kind_display()
