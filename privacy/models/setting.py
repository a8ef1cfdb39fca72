from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

#: 反洗钱法 (revised 2024, in force since 2025-01-01) §34: customer identity data for at least ten
#: years after the end of the relation
LEGAL_YEARS = 10
#: what the law asked for before; whoever is not under it may go down to here
LEAST_YEARS = 5


class PrivacySetting(models.Model):
    """The lender's own figures about personal information; there is exactly one row."""

    keep_years = models.PositiveSmallIntegerField(
        _("years to keep personal information"),
        default=LEGAL_YEARS,
        help_text=_(
            "Counted from the end of the last business relation. The anti-money-laundering law"
            " (article 34, in force since 2025) asks for at least ten years, its version before"
            " for five; fewer than five cannot be set."
        ),
    )
    runs_daily = models.BooleanField(
        _("anonymise every day whoever is due"),
        default=True,
        help_text=_("Otherwise only the command of the operators anonymises."),
    )
    export_days = models.PositiveSmallIntegerField(
        _("an approved export stays open for (days)"),
        default=7,
        help_text=_("From the approval on, 1 to 30 days."),
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("settings of personal information")
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="privacy_setting_single"),
            models.CheckConstraint(
                condition=models.Q(keep_years__gte=LEAST_YEARS, keep_years__lte=50),
                name="privacy_setting_years",
            ),
            models.CheckConstraint(
                condition=models.Q(export_days__gte=1, export_days__lte=30),
                name="privacy_setting_export_days",
            ),
        ]

    def __str__(self) -> str:
        return str(_("settings of personal information"))
