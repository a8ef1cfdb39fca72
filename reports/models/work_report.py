"""工作报告: what somebody did in a day, week or month, for his superiors (M21)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

import pgtrigger

from reports.choices import ReceiverKind, ReportStatus, ReportType
from reports.models import triggers
from reports.querysets import WorkReportQuerySet


class WorkReport(models.Model):
    """``starts_on`` and ``ends_on`` are the first and the last day of the period.

    ``figures`` is the generated table as it was at ``figures_at``: one object per line with
    ``code``, ``count``, ``amount`` (yuan, as text) and ``due``; see ``staff.work_figures``.
    """

    report_no = models.CharField(_("report number"), max_length=40, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=100)
    report_type = models.CharField(_("report type"), max_length=5, choices=ReportType.choices)
    starts_on = models.DateField(_("period from"))
    ends_on = models.DateField(_("period to"))
    work_done = models.CharField(_("work of this period"), max_length=4000, blank=True)
    problems = models.CharField(_("problems and suggestions"), max_length=4000, blank=True)
    next_plan = models.CharField(_("plan for the next period"), max_length=4000, blank=True)
    figures = models.JSONField(_("business objects"), default=list, blank=True, editable=False)
    #: the planned tasks of the period as they stood at ``figures_at``; see ``plans.frozen_rows``
    plan_rows = models.JSONField(_("planned and done"), default=list, blank=True, editable=False)
    figures_at = models.DateTimeField(_("table generated at"), null=True, editable=False)
    status = models.CharField(
        _("status"),
        max_length=9,
        choices=ReportStatus.choices,
        default=ReportStatus.DRAFT,
        editable=False,
    )
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
    submitted_at = models.DateTimeField(_("submitted at"), null=True, editable=False)
    creation_key = models.UUIDField(null=True, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created at"), editable=False)
    updated_at = models.DateTimeField(_("updated at"), editable=False)

    objects = WorkReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("work report")
        ordering = ["-starts_on", "-id"]
        indexes = [
            models.Index(fields=["author", "-starts_on", "-id"], name="work_report_of_author")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["author", "report_type", "starts_on"],
                condition=~Q(status=ReportStatus.DRAFT),
                name="work_report_once_a_period",
            ),
            models.CheckConstraint(
                condition=Q(report_type=ReportType.DAY, ends_on=F("starts_on"))
                | Q(report_type=ReportType.WEEK, starts_on__iso_week_day=1, ends_on__iso_week_day=7)
                | Q(report_type=ReportType.MONTH, starts_on__day=1, ends_on__day__gte=28),
                name="work_report_whole_period",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="work_report_period_forward"
            ),
            models.CheckConstraint(
                condition=Q(status=ReportStatus.DRAFT)
                | Q(submitted_at__isnull=False) & ~Q(work_done="") & ~Q(next_plan=""),
                name="work_report_submitted_whole",
            ),
        ]
        triggers = [
            triggers.begins_as_draft,
            triggers.frozen_report,
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("reports:work-report", args=[self.pk])

    @property
    def is_draft(self) -> bool:
        return self.status == ReportStatus.DRAFT


class ReportReceiver(models.Model):
    """Whom a report was sent to, and when he first opened it."""

    report = models.ForeignKey(WorkReport, models.PROTECT, related_name="receivers")
    employee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("receiver")
    )
    kind = models.CharField(_("kind"), max_length=6, choices=ReceiverKind.choices)
    read_at = models.DateTimeField(_("read at"), null=True, editable=False)

    class Meta:
        verbose_name = _("receiver")
        ordering = ["-kind", "id"]
        constraints = [
            models.UniqueConstraint(fields=["report", "employee"], name="report_received_once")
        ]
        indexes = [models.Index(fields=["employee", "report"], name="report_receiver")]
        triggers = [triggers.frozen_receiver]

    def __str__(self) -> str:
        return str(self.employee)


class ReportKeeper(models.Model):
    """Who has a submitted report in his sight since a work handover (M20).

    It stays signed by its author, and its receivers stay.
    """

    report = models.OneToOneField(WorkReport, models.PROTECT, related_name="keeper")
    employee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("kept by")
    )
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("keeper of a work report")

    def __str__(self) -> str:
        return str(self.employee)


class ReportComment(models.Model):
    """批注 below a submitted report. Append-only."""

    report = models.ForeignKey(WorkReport, models.PROTECT, related_name="comments")
    content = models.CharField(_("comment"), max_length=2000)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    at = models.DateTimeField(_("written at"))
    creation_key = models.UUIDField(null=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("comment")
        ordering = ["id"]
        triggers = [triggers.append_only, triggers.comment_on_submitted]

    def __str__(self) -> str:
        return self.content[:40]
