"""五级分类 (domain §5): the tiers, and how a loan moved through them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

import pgtrigger

from customers.choices import RiskClass
from funds.choices import ClassCause
from funds.models.fields import percent
from funds.models.loan import Loan


class ClassBucket(models.Model):
    """One class: from and to how many days overdue, and the provision in percent.

    The five of them cover 0 to infinity without gap and overlap (CLS-02), which only a look
    at all rows can tell: ``funds.services.settings`` does so under a lock.
    """

    risk_class = models.CharField(
        _("risk class"), max_length=12, choices=RiskClass.choices, unique=True
    )
    from_day = models.PositiveIntegerField(_("from days overdue"))
    to_day = models.PositiveIntegerField(_("to days overdue"), null=True, blank=True)
    provision_rate = percent(_("provision (%)"))

    class Meta:
        verbose_name = _("classification tier")
        ordering = ["from_day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(to_day=None) | Q(to_day__gte=F("from_day")), name="class_bucket_days"
            ),
            models.CheckConstraint(
                condition=Q(provision_rate__gte=0, provision_rate__lte=100),
                name="class_bucket_rate",
            ),
        ]

    def __str__(self) -> str:
        return self.get_risk_class_display()


class LoanClassification(models.Model):
    """A change of class: who or what led to it, and the days overdue on that day."""

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="classifications")
    day = models.DateField(_("day"))
    old_class = models.CharField(
        _("class before"), max_length=12, choices=RiskClass.choices, blank=True
    )
    new_class = models.CharField(_("class after"), max_length=12, choices=RiskClass.choices)
    overdue_days = models.PositiveIntegerField(_("days overdue"))
    cause = models.CharField(_("cause"), max_length=12, choices=ClassCause.choices)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("set by"),
    )
    at = models.DateTimeField(_("booked at"))

    class Meta:
        verbose_name = _("classification")
        ordering = ["loan", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(cause=ClassCause.BY_HAND) | Q(actor__isnull=False) & ~Q(reason=""),
                name="classification_by_hand_has_reason",
            )
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]
