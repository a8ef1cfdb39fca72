"""业务拓展: a piece of business on its way from first contact to disbursement (M4)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

import pgtrigger

from customers.choices import LossReason, OpportunityStatus, Stage, StageMove
from customers.models.base import Recorded
from customers.models.customer import Customer
from customers.querysets import OpportunityQuerySet
from lending_crm.common.search import SearchIndex
from lending_crm.common.text import search_key


class Opportunity(Recorded):
    """``stage_since`` starts the days in a stage; ``last_activity_at`` starts the stall."""

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="opportunities", verbose_name=_("customer")
    )
    subject = models.CharField(_("subject"), max_length=100)
    product = models.CharField(_("intended product"), max_length=40)
    amount = models.DecimalField(_("intended amount (yuan)"), max_digits=18, decimal_places=2)
    term = models.PositiveSmallIntegerField(_("intended term (months)"), null=True, blank=True)
    stage = models.PositiveSmallIntegerField(
        _("stage"), choices=Stage.choices, default=Stage.FIRST_CONTACT, editable=False
    )
    probability = models.PositiveSmallIntegerField(
        _("chance of success (%)"), default=10, editable=False
    )
    stage_since = models.DateTimeField(_("in this stage since"), editable=False)
    last_activity_at = models.DateTimeField(_("last activity"), editable=False)
    expected_on = models.DateField(_("expected disbursement date"))
    channel = models.ForeignKey(
        Customer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="channel_opportunities",
        verbose_name=_("source channel"),
    )
    competition = models.CharField(_("competition"), max_length=500, blank=True)
    need = models.CharField(_("customer's need"), max_length=2000, blank=True)
    next_follow_on = models.DateField(_("next follow-up date"))
    biz_status = models.CharField(
        _("status"),
        max_length=8,
        choices=OpportunityStatus.choices,
        default=OpportunityStatus.OPEN,
        editable=False,
    )
    lost_reason = models.CharField(
        _("reason of loss"), max_length=16, choices=LossReason.choices, blank=True, editable=False
    )
    creator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("creator"),
    )
    remark = models.CharField(_("remark"), max_length=2000, blank=True)
    # Once for each quiet time: whoever was told yesterday is not told again today.
    stall_warned_at = models.DateTimeField(null=True, editable=False)
    search_text = models.TextField(editable=False, default="")

    objects = OpportunityQuerySet.as_manager()

    class Meta:
        verbose_name = _("opportunity")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="opportunity_newest"),
            models.Index(fields=["amount", "id"], name="opportunity_amount"),
            models.Index(fields=["next_follow_on", "id"], name="opportunity_follow"),
            models.Index(fields=["stage", "id"], name="opportunity_stage"),
            SearchIndex("search_text", name="opportunity_search"),
            models.Index(
                fields=["last_activity_at"],
                name="opportunity_quiet",
                condition=models.Q(biz_status=OpportunityStatus.OPEN),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gt=0), name="opportunity_amount_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(stage__in=Stage.values), name="opportunity_stage_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(biz_status=OpportunityStatus.LOST) | ~models.Q(lost_reason=""),
                name="opportunity_lost_has_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(biz_status=OpportunityStatus.WON)
                | models.Q(stage=Stage.DISBURSED),
                name="opportunity_won_is_disbursed",
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    def save(self, *args: object, **kwargs: object) -> None:
        self.search_text = search_key(self.subject)
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def get_absolute_url(self) -> str:
        return reverse("customers:opportunity-detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.biz_status == OpportunityStatus.OPEN


class StageChange(models.Model):
    """One move on the ladder; ``by`` is empty when the system moved it. Append-only."""

    opportunity = models.ForeignKey(
        Opportunity, models.PROTECT, related_name="stage_changes", verbose_name=_("opportunity")
    )
    move = models.CharField(_("kind of move"), max_length=14, choices=StageMove.choices)
    from_stage = models.PositiveSmallIntegerField(_("from stage"), choices=Stage.choices, null=True)
    to_stage = models.PositiveSmallIntegerField(_("to stage"), choices=Stage.choices, null=True)
    days_in_stage = models.PositiveIntegerField(_("days in the stage before"), default=0)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("done by"),
    )
    at = models.DateTimeField(_("done at"))
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("stage change")
        ordering = ["-id"]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.get_from_stage_display()} → {self.get_to_stage_display()}"


class FollowUp(models.Model):
    """跟进内容: what was said or agreed on a day. Append-only, like the stage history."""

    opportunity = models.ForeignKey(
        Opportunity, models.PROTECT, related_name="follow_ups", verbose_name=_("opportunity")
    )
    creation_key = models.UUIDField(null=True, unique=True, editable=False)
    content = models.CharField(_("what was done"), max_length=2000)
    next_follow_on = models.DateField(_("next follow-up date"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("done by")
    )
    at = models.DateTimeField(_("done at"))

    class Meta:
        verbose_name = _("follow-up")
        ordering = ["-id"]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return self.content[:40]
