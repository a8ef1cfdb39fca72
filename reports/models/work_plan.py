"""工作计划 (X4): what somebody sets out to do in a day, week or month."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

import pgtrigger

from reports.choices import PlanType, TaskState
from reports.models import triggers
from reports.querysets import PlanTaskQuerySet, WorkPlanQuerySet


class WorkPlan(models.Model):
    """One plan a person, type and period (PLN-01); its superiors read it from the start."""

    plan_no = models.CharField(_("plan number"), max_length=40, unique=True, editable=False)
    plan_type = models.CharField(_("plan type"), max_length=5, choices=PlanType.choices)
    starts_on = models.DateField(_("period from"))
    ends_on = models.DateField(_("period to"))
    goals = models.CharField(_("goals of the period"), max_length=2000, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("author")
    )
    department = models.ForeignKey(
        "staff.Department",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("department"),
    )
    branch = models.ForeignKey(
        "staff.Branch", models.PROTECT, related_name="+", verbose_name=_("branch")
    )
    creation_key = models.UUIDField(null=True, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created at"), editable=False)
    updated_at = models.DateTimeField(_("updated at"), editable=False)

    objects = WorkPlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("work plan")
        ordering = ["-starts_on", "-id"]
        constraints = [
            # Led by the author: it is also the index of 我的计划 and 下属计划.
            models.UniqueConstraint(
                fields=["author", "plan_type", "starts_on"], name="work_plan_once_a_period"
            ),
            models.CheckConstraint(
                condition=Q(plan_type=PlanType.DAY, ends_on=F("starts_on"))
                | Q(plan_type=PlanType.WEEK, starts_on__iso_week_day=1, ends_on__iso_week_day=7)
                | Q(plan_type=PlanType.MONTH, starts_on__day=1, ends_on__day__gte=28),
                name="work_plan_whole_period",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="work_plan_period_forward"
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="period_fixed", fields=["author", "plan_type", "starts_on", "ends_on"]
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.get_plan_type_display()} {self.plan_no}"

    def get_absolute_url(self) -> str:
        return reverse("reports:work-plan", args=[self.pk])


class PlanTask(models.Model):
    """One thing to do. A visit (走访) names its customer; where it was, and a picture, come
    when it is done. ``outcome`` says what came of it, or why it was not done."""

    plan = models.ForeignKey(WorkPlan, models.PROTECT, related_name="tasks")
    content = models.CharField(_("task"), max_length=200)
    customer = models.ForeignKey(
        "customers.Customer",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="planned_tasks",
        verbose_name=_("customer"),
    )
    due_on = models.DateField(_("to be done by"), null=True, blank=True)
    is_visit = models.BooleanField(_("visit on site"), default=False)
    state = models.CharField(
        _("status"),
        max_length=8,
        choices=TaskState.choices,
        default=TaskState.OPEN,
        editable=False,
    )
    outcome = models.CharField(_("outcome or reason"), max_length=500, blank=True)
    place = models.CharField(_("place of the visit"), max_length=200, blank=True)
    photo = models.ForeignKey(
        "documents.StoredFile",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("picture of the visit"),
    )
    photo_name = models.CharField(max_length=255, blank=True, editable=False)
    finished_at = models.DateTimeField(_("finished at"), null=True, editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("added by")
    )
    added_at = models.DateTimeField(_("added at"))
    creation_key = models.UUIDField(null=True, unique=True, editable=False)

    objects = PlanTaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("planned task")
        ordering = ["plan", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state=TaskState.OPEN, finished_at=None, outcome="", place="", photo=None
                )
                | ~Q(state=TaskState.OPEN) & Q(finished_at__isnull=False),
                name="plan_task_finished_once",
            ),
            models.CheckConstraint(
                condition=~Q(state=TaskState.NOT_DONE) | ~Q(outcome=""),
                name="plan_task_not_done_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(is_visit=False) | Q(customer__isnull=False),
                name="plan_task_visit_has_customer",
            ),
            models.CheckConstraint(
                condition=Q(is_visit=True) | Q(place="", photo=None),
                name="plan_task_place_of_visit",
            ),
        ]
        triggers = [triggers.finished_task]

    def __str__(self) -> str:
        return self.content

    @property
    def is_open(self) -> bool:
        return self.state == TaskState.OPEN


class PlanComment(models.Model):
    """What a superior or the author says to a plan. Append-only."""

    plan = models.ForeignKey(WorkPlan, models.PROTECT, related_name="comments")
    content = models.CharField(_("comment"), max_length=2000)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    at = models.DateTimeField(_("written at"))
    creation_key = models.UUIDField(null=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("comment")
        ordering = ["id"]
        triggers = [triggers.append_only]

    def __str__(self) -> str:
        return self.content[:40]
