"""公海与分级: prospects that nobody moves on are given back, and who earned a deal (X2)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

import pgtrigger

from customers.choices import CreditPart, GradeEvent, Tier
from customers.models.customer import Customer
from customers.models.opportunity import Opportunity


class PoolSetting(models.Model):
    """The lender's own figures about prospects; there is exactly one row."""

    effective_days = models.PositiveSmallIntegerField(
        _("a grade is effective for (days)"), default=7
    )
    extension_days = models.PositiveSmallIntegerField(_("an extension is for (days)"), default=7)
    claim_limit = models.PositiveSmallIntegerField(
        _("claims a person may make in 7 days"), default=5
    )
    reclaim_days = models.PositiveSmallIntegerField(
        _("the last handler may not claim again for (days)"), default=30
    )
    falls_by_itself = models.BooleanField(
        _("prospects fall to the public pool by themselves"), default=True
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("settings of the public pool")
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="pool_setting_single"),
            models.CheckConstraint(
                condition=models.Q(
                    effective_days__gte=1, extension_days__gte=1, claim_limit__gte=1
                ),
                name="pool_setting_positive",
                violation_error_message=_("Days and claims must be at least 1."),
            ),
        ]

    def __str__(self) -> str:
        return str(_("settings of the public pool"))


class PoolEntry(models.Model):
    """A stay in 公海: from whom the prospect fell, and who claimed it."""

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="pool_entries", verbose_name=_("customer")
    )
    from_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("last account manager"),
    )
    entered_at = models.DateTimeField(_("in the pool since"))
    #: empty for the nightly run
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("put there by"),
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="pool_claims",
        verbose_name=_("claimed by"),
    )
    claimed_at = models.DateTimeField(_("claimed at"), null=True)

    class Meta:
        verbose_name = _("stay in the public pool")
        ordering = ["-entered_at", "-id"]
        indexes = [models.Index(fields=["claimed_by", "claimed_at"], name="pool_claims_of")]
        constraints = [
            models.UniqueConstraint(
                fields=["customer"], condition=models.Q(claimed_at=None), name="pool_entry_once"
            ),
            models.CheckConstraint(
                condition=models.Q(claimed_at=None, claimed_by=None)
                | models.Q(claimed_at__isnull=False, claimed_by__isnull=False),
                name="pool_entry_claimed_by",
            ),
        ]

    def __str__(self) -> str:
        return str(self.customer)


class GradeChange(models.Model):
    """D→C→B→A→成交: one row for each change of a prospect's grade. Append-only."""

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="grade_changes", verbose_name=_("customer")
    )
    event = models.CharField(_("what happened"), max_length=8, choices=GradeEvent.choices)
    from_grade = models.CharField(_("from grade"), max_length=1, choices=Tier.choices, blank=True)
    to_grade = models.CharField(_("to grade"), max_length=1, choices=Tier.choices, blank=True)
    due = models.DateField(_("effective until"), null=True)
    #: whose customer it was then
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("account manager"),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("done by"),
    )
    at = models.DateTimeField(_("done at"))
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("grade change")
        ordering = ["-id"]
        # A prospect without documents may be deleted, and its history with it.
        triggers = [pgtrigger.Protect(name="no_update", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.from_grade} → {self.to_grade}"


class CreditShare(models.Model):
    """业绩: which part of a closed deal counts for whom, in percent. Append-only."""

    opportunity = models.ForeignKey(
        Opportunity, models.PROTECT, related_name="credit_shares", verbose_name=_("opportunity")
    )
    employee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="credit_shares",
        verbose_name=_("employee"),
    )
    part = models.CharField(_("share as"), max_length=8, choices=CreditPart.choices)
    percent = models.DecimalField(_("share (%)"), max_digits=9, decimal_places=4)
    at = models.DateTimeField(_("shared at"))

    class Meta:
        verbose_name = _("share of a deal")
        ordering = ["opportunity", "id"]
        constraints = [
            models.UniqueConstraint(fields=["opportunity", "part"], name="credit_share_once"),
            models.CheckConstraint(
                condition=models.Q(percent__gt=0, percent__lte=100), name="credit_share_percent"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.employee} {self.percent}%"
