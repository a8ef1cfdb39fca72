"""What the lender sets once for all products, and the LPR quotes that caps are derived from."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.hooks import Limits
from lending_crm.common.money import yuan


def default_prohibited_words() -> list[str]:
    """Words that make a note on the use of funds a prohibited purpose (BUS-06, R4)."""
    return ["炒股", "股票", "期货", "期权", "金融衍生", "首付", "虚拟货币", "赌", "偿还其他贷款"]


class LenderSetting(models.Model):
    """The lender's own figures; there is exactly one row.

    ``is_licensed`` chooses the rule for the all-in cost: licensed lenders have
    ``all_in_cap`` (R1), others ``lpr_multiple`` times the LPR (R5). For licensed lenders the
    multiple is a warning until ``lpr_hard_from`` and a refusal from that day on.
    """

    net_assets = models.DecimalField(
        _("net assets (CNY)"), max_digits=18, decimal_places=2, null=True, blank=True
    )
    borrower_limit_percent = models.DecimalField(
        _("limit per borrower (percent of net assets)"),
        max_digits=9,
        decimal_places=4,
        default=Decimal(10),
    )
    group_limit_percent = models.DecimalField(
        _("limit per group (percent of net assets)"),
        max_digits=9,
        decimal_places=4,
        default=Decimal(15),
    )
    is_licensed = models.BooleanField(_("licensed lender"), default=True)
    all_in_cap = models.DecimalField(
        _("cap of the all-in annual cost (%)"),
        max_digits=9,
        decimal_places=4,
        default=Decimal(24),
    )
    lpr_multiple = models.DecimalField(
        _("multiple of the one-year LPR"), max_digits=9, decimal_places=4, default=Decimal(4)
    )
    lpr_hard_from = models.DateField(_("LPR multiple is binding from"), default=date(2028, 1, 1))
    approval_valid_days = models.PositiveSmallIntegerField(
        _("validity of an approval (days)"), default=60
    )
    allows_manual_contracts = models.BooleanField(
        _("contract reviews may be created by hand"), default=False
    )
    min_age = models.PositiveSmallIntegerField(_("minimum age of the borrower"), default=18)
    max_age = models.PositiveSmallIntegerField(_("maximum age of the borrower"), default=65)
    rebate_cap = models.DecimalField(
        _("cap of the channel rebate (%)"), max_digits=9, decimal_places=4, default=Decimal(2)
    )
    long_term_months = models.PositiveSmallIntegerField(
        _("a longer term (months) moves one band up"), default=12
    )
    reconsideration_days = models.PositiveSmallIntegerField(
        _("a rejection can be reconsidered for (days)"), default=30
    )
    reconsideration_bar_months = models.PositiveSmallIntegerField(
        _("a request is barred after a rejected reconsideration for (months)"), default=6
    )
    intermediary_fee_cap = models.DecimalField(
        _("cap of the service fee of intermediary business (%)"),
        max_digits=9,
        decimal_places=4,
        default=Decimal(3),
    )
    prohibited_words = ArrayField(
        models.CharField(max_length=20),
        verbose_name=_("words of prohibited purposes"),
        default=default_prohibited_words,
        blank=True,
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("lender settings")
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="lender_setting_single"),
            models.CheckConstraint(
                condition=models.Q(net_assets=None) | models.Q(net_assets__gt=0),
                name="lender_setting_net_assets",
                violation_error_message=_("Net assets must be above 0."),
            ),
            models.CheckConstraint(
                condition=models.Q(min_age__lte=models.F("max_age")),
                name="lender_setting_ages",
                violation_error_message=_("The minimum age cannot be above the maximum."),
            ),
        ]

    def __str__(self) -> str:
        return str(_("lender settings"))

    @property
    def customer_limits(self) -> Limits:
        """What the rules about customers read of these settings (CUS-07, CUS-08)."""
        return Limits(min_age=self.min_age, max_age=self.max_age, rebate_cap=self.rebate_cap)

    def limit_of(self, percent: Decimal) -> Decimal | None:
        """That part of the net assets in yuan; None while they are not entered (R3)."""
        return None if self.net_assets is None else yuan(self.net_assets * percent / 100)

    def get_prohibited_words_display(self) -> str:
        return "、".join(self.prohibited_words)


class LprQuote(models.Model):
    """One-year loan prime rate, annual percent; valid from its day until the next quote."""

    quoted_on = models.DateField(_("quoted on"), unique=True)
    rate = models.DecimalField(_("one-year LPR (%)"), max_digits=9, decimal_places=4)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("entered by"),
    )

    class Meta:
        verbose_name = _("LPR quote")
        ordering = ["-quoted_on"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(rate__gt=0, rate__lte=100),
                name="lpr_rate_range",
                violation_error_message=_("The LPR must be above 0 and at most 100 percent."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.quoted_on:%Y-%m-%d} {self.rate}%"
