"""不良客户交接 (M19): asset recovery takes a customer over, and gives it back once recovered."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from customers.choices import RiskClass
from customers.triggers import follows_bad_customer
from documents.models import Document
from documents.querysets import DocumentQuerySet
from documents.triggers import frozen_fields
from postloan.choices.bad_customers import Direction, HandoverStatus


def _figure(label: Any) -> models.DecimalField:
    return models.DecimalField(
        label, max_digits=18, decimal_places=2, default=Decimal(0), editable=False
    )


def _person(label: Any, **options: Any) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=label, **options
    )


class BadCustomerHandover(Document):
    """One handover of a customer, to asset recovery or back; amounts in yuan.

    ``open_customer`` repeats ``customer`` from the draft until the handover is decided or
    void: a customer has one handover on its way. ``next_step_on`` is the day of the next step
    of collection while asset recovery has the customer.
    """

    customer = models.ForeignKey(
        "customers.Customer",
        models.PROTECT,
        related_name="bad_handovers",
        verbose_name=_("customer"),
        editable=False,
    )
    open_customer = models.OneToOneField(
        "customers.Customer",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="open_bad_handover",
    )
    direction = models.CharField(
        _("direction"),
        max_length=10,
        choices=Direction.choices,
        default=Direction.HAND_OVER,
        editable=False,
    )
    is_proposed = models.BooleanField(_("opened by the system"), default=False, editable=False)
    transferor = _person(_("transferor"), editable=False)
    receiver = _person(_("receiver"), null=True, blank=True)
    witness = _person(_("supervisor of the handover"), null=True, blank=True)
    handed_on = models.DateField(_("handed over on"), null=True, editable=False)
    reason = models.TextField(_("reason for the handover"), max_length=1000)
    cause = models.TextField(
        _("cause and first view of the responsibility"), max_length=2000, blank=True
    )
    security_state = models.TextField(_("state of the securities"), max_length=2000, blank=True)
    assets = models.TextField(_("assets for enforcement"), max_length=2000, blank=True)
    balance = _figure(_("unpaid principal (CNY)"))
    interest = _figure(_("unpaid interest (CNY)"))
    penalty = _figure(_("penalty interest and fees (CNY)"))
    overdue_days = models.PositiveIntegerField(_("days overdue"), default=0, editable=False)
    risk_class = models.CharField(
        _("risk class"),
        max_length=12,
        choices=RiskClass.choices,
        default=RiskClass.NORMAL,
        editable=False,
    )
    next_step_on = models.DateField(_("next step on"), null=True, editable=False)
    biz_status = models.CharField(
        _("business status"),
        max_length=10,
        choices=HandoverStatus.choices,
        default=HandoverStatus.APPLYING,
        editable=False,
    )

    objects = DocumentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("bad-customer handover")
        constraints = [
            models.CheckConstraint(
                condition=Q(direction__in=Direction.values, biz_status__in=HandoverStatus.values),
                name="handover_words_known",
            ),
            models.CheckConstraint(
                condition=Q(open_customer=None) | Q(open_customer=F("customer")),
                name="handover_of_its_customer",
            ),
            models.CheckConstraint(
                condition=(Q(receiver=None) | ~Q(receiver=F("transferor")))
                & (Q(witness=None) | ~Q(witness=F("transferor")))
                & (Q(witness=None) | Q(receiver=None) | ~Q(witness=F("receiver"))),
                name="handover_three_people",
            ),
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(biz_status=HandoverStatus.MANAGED),
                name="customer_managed_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_step_on"],
                name="handover_steps_due",
                condition=Q(biz_status=HandoverStatus.MANAGED),
            )
        ]
        triggers = [
            frozen_fields(free=["open_customer_id", "biz_status", "handed_on", "next_step_on"]),
            follows_bad_customer,
        ]

    def get_absolute_url(self) -> str:
        return reverse("postloan:bad_customer_detail", args=[self.pk])

    @property
    def is_return(self) -> bool:
        return self.direction == Direction.RETURN
