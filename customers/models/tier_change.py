"""客户等级调整 (X2): the form that moves a borrower's tier, and the history of tiers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

import pgtrigger

from customers.choices import BorrowerTier
from customers.models.customer import Customer
from customers.triggers import follows_bad_customer
from documents.models import Document
from documents.querysets import DocumentQuerySet
from documents.triggers import frozen_fields


class TierChange(Document):
    """A borrower's tier, present, earned and asked for.

    ``open_customer`` repeats ``customer`` from the submission until the decision, so that the
    database itself refuses a second one (TIR-03, N7). The figures are those of ``figures_on``.
    """

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="tier_changes", verbose_name=_("customer")
    )
    open_customer = models.OneToOneField(
        Customer, models.PROTECT, null=True, editable=False, related_name="open_tier_change"
    )
    from_tier = models.CharField(
        _("present tier"), max_length=8, choices=BorrowerTier.choices, editable=False
    )
    to_tier = models.CharField(
        _("tier asked for"), max_length=8, choices=BorrowerTier.choices, blank=True
    )
    earned_tier = models.CharField(
        _("tier earned"), max_length=8, choices=BorrowerTier.choices, editable=False
    )
    is_exception = models.BooleanField(_("above what is earned"), default=False, editable=False)
    income = models.DecimalField(
        _("interest and fees of 12 months (CNY)"),
        max_digits=18,
        decimal_places=2,
        default=0,
        editable=False,
    )
    years = models.DecimalField(
        _("years as a borrower"), max_digits=5, decimal_places=2, default=0, editable=False
    )
    overdue_days = models.PositiveIntegerField(
        _("longest overdue in 12 months (days)"), default=0, editable=False
    )
    figures_on = models.DateField(_("figures as of"), editable=False)
    reason = models.TextField(_("reason for the adjustment"), max_length=500, blank=True)

    objects = DocumentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("tier adjustment")
        constraints = [
            models.CheckConstraint(
                condition=Q(from_tier__in=BorrowerTier.values)
                & Q(earned_tier__in=BorrowerTier.values)
                & Q(to_tier__in=["", *BorrowerTier.values]),
                name="tier_change_tiers_known",
            ),
            models.CheckConstraint(
                condition=Q(open_customer=None) | ~Q(to_tier="") & ~Q(to_tier=F("from_tier")),
                name="tier_change_moves",
            ),
            models.CheckConstraint(
                condition=Q(open_customer=None) | Q(open_customer=F("customer")),
                name="tier_change_open_customer",
            ),
            models.CheckConstraint(
                condition=Q(open_customer=None) | Q(is_exception=False) | ~Q(reason=""),
                name="tier_change_exception_has_reason",
            ),
        ]
        triggers = [frozen_fields(free=["open_customer_id"]), follows_bad_customer]

    def get_absolute_url(self) -> str:
        return reverse("customers:tier_detail", args=[self.pk])


class TierRecord(models.Model):
    """等级历史: one row for each change of a borrower's tier. Append-only."""

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="tier_records", verbose_name=_("customer")
    )
    from_tier = models.CharField(_("from tier"), max_length=8, choices=BorrowerTier.choices)
    to_tier = models.CharField(_("to tier"), max_length=8, choices=BorrowerTier.choices)
    #: the form that was approved; empty for the automatic fall at 次级
    change = models.OneToOneField(
        TierChange,
        models.PROTECT,
        null=True,
        related_name="record",
        verbose_name=_("tier adjustment"),
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
        verbose_name = _("tier history")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(from_tier=F("to_tier")), name="tier_record_moves")
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.from_tier} → {self.to_tier}"
