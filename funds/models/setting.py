"""台账参数: what the lender decides about its ledger (domain §4.7–4.10, §5)."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from funds.choices import Part, RestDay, Rounding
from funds.models.fields import money, percent


def normal_order() -> list[str]:
    """民法典 §561: costs, then interest, then the debt itself."""
    return [Part.FEE, Part.PENALTY, Part.INTEREST, Part.PRINCIPAL]


def bad_order() -> list[str]:
    """不良: the principal first."""
    return [Part.PRINCIPAL, Part.INTEREST, Part.PENALTY, Part.FEE]


def _parts(label: object, default: object) -> ArrayField:
    return ArrayField(
        models.CharField(max_length=10, choices=Part.choices),
        verbose_name=label,  # type: ignore[arg-type]
        default=default,  # type: ignore[arg-type]
        size=4,
    )


class LedgerSetting(models.Model):
    """There is exactly one row. Multiples are of the contract rate, 1.5 for one and a half.

    ``late_interest`` keeps the contract's interest running on late principal beside the
    penalty interest (domain §4.10); without it the penalty rate takes its place, as 银发
    〔2003〕251号 is usually read. Either way both together stay below the cap.
    """

    penalty_multiple = models.DecimalField(
        _("penalty rate (times the contract rate)"),
        max_digits=5,
        decimal_places=2,
        default=Decimal("1.5"),
        validators=[MinValueValidator(0), MaxValueValidator(5)],
    )
    misuse_multiple = models.DecimalField(
        _("penalty rate when funds are misused (times the contract rate)"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(2),
        validators=[MinValueValidator(0), MaxValueValidator(5)],
    )
    grace_days = models.PositiveSmallIntegerField(
        _("grace (days)"), default=0, validators=[MaxValueValidator(3)]
    )
    late_interest = models.BooleanField(_("interest on late principal"), default=True)
    is_compound = models.BooleanField(_("penalty interest on unpaid interest"), default=False)
    normal_order = _parts(_("order of allocation"), normal_order)
    bad_order = _parts(_("order of allocation of bad loans"), bad_order)
    rest_day = models.CharField(
        _("due date on a rest day"),
        max_length=20,
        choices=RestDay.choices,
        default=RestDay.SAME_DAY,
    )
    rounding = models.CharField(
        _("rounding of equal instalments"),
        max_length=8,
        choices=Rounding.choices,
        default=Rounding.FEN,
    )
    observation_months = models.PositiveSmallIntegerField(
        _("observation before an upgrade (months)"),
        default=6,
        validators=[MaxValueValidator(60)],
    )
    extension_watch_days = models.PositiveSmallIntegerField(
        _("observation after an extension (days)"),
        default=180,
        validators=[MaxValueValidator(3650)],
    )
    extension_limit = models.PositiveSmallIntegerField(
        _("extensions of one loan at most"),
        default=2,
        validators=[MaxValueValidator(20)],
    )
    bad_share = percent(
        _("bad share that makes all loans of a customer bad (%)"),
        default=Decimal(10),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    rebate_month_cap = money(
        _("rebates of one channel in a month at most (CNY)"),
        default=Decimal(200_000),
        validators=[MinValueValidator(0)],
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("ledger settings")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="ledger_setting_single"),
            models.CheckConstraint(
                condition=Q(grace_days__lte=3),
                name="ledger_setting_grace",
                violation_error_message=_("The grace is at most 3 days."),
            ),
            models.CheckConstraint(
                condition=Q(penalty_multiple__gte=0, misuse_multiple__gte=0),
                name="ledger_setting_multiples",
            ),
        ]

    def __str__(self) -> str:
        return str(_("ledger settings"))

    def get_normal_order_display(self) -> str:
        return " → ".join(str(Part(part).label) for part in self.normal_order)

    def get_bad_order_display(self) -> str:
        return " → ".join(str(Part(part).label) for part in self.bad_order)
