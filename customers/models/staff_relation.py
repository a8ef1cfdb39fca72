"""关联人登记: employees who are related to a customer and must abstain (WF-17)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.choices import StaffTie
from customers.models.contact import Contact
from customers.models.customer import Customer


class StaffRelation(models.Model):
    """One declared tie; it is ended, never removed, so that old cases stay explained."""

    employee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="declared_relations",
        verbose_name=_("employee"),
    )
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="staff_relations", verbose_name=_("customer")
    )
    # A contact that its account manager removes must not take the duty to abstain with it.
    contact = models.ForeignKey(
        Contact,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="staff_relations",
        verbose_name=_("contact"),
    )
    tie = models.CharField(_("kind of tie"), max_length=12, choices=StaffTie.choices)
    reason = models.CharField(_("reason"), max_length=200)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("added by"),
    )
    added_at = models.DateTimeField(_("added at"), editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("ended by"),
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, editable=False)

    class Meta:
        verbose_name = _("related employee")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["employee", "customer"],
                condition=models.Q(ended_at=None),
                name="staff_relation_once",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None, ended_by=None)
                | models.Q(ended_at__isnull=False, ended_by__isnull=False),
                name="staff_relation_ended_by",
            ),
            models.CheckConstraint(
                condition=models.Q(tie__in=StaffTie.values), name="staff_relation_tie_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employee} – {self.contact or self.customer}"


class StaffIdentity(models.Model):
    """The keyed fingerprint of an employee's ID number; the number itself is not kept."""

    employee = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="identity",
        verbose_name=_("employee"),
    )
    id_no_index = models.CharField(max_length=64, unique=True, editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("added by"),
    )
    added_at = models.DateTimeField(_("added at"), editable=False)

    class Meta:
        verbose_name = _("ID fingerprint of an employee")

    def __str__(self) -> str:
        return str(self.employee)
