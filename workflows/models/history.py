"""The append-only record of a case: events, snapshots, conditions."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

import pgtrigger

from workflows.choices import EventKind
from workflows.models.case import Case, Stage

_APPEND_ONLY = pgtrigger.Update | pgtrigger.Delete


class HistoryEvent(models.Model):
    """One act in a case (审批历史); each row carries the hash of the row before (WF-16).

    ``path`` are the sequence flows that the act took; ``arrived_at`` is when the work item
    came to the person. Names are kept as they were then.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="events")
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=24, choices=EventKind.choices)
    stage = models.ForeignKey(Stage, models.PROTECT, null=True, related_name="events")
    node_id = models.CharField(max_length=100, blank=True)
    node_title = models.CharField(max_length=120, blank=True)
    node_title_en = models.CharField(max_length=120, blank=True)
    round = models.PositiveIntegerField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(max_length=40, blank=True)
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    on_behalf_name = models.CharField(max_length=40, blank=True)
    opinion = models.TextField(blank=True)
    conditions = models.JSONField(default=list)
    data = models.JSONField(default=dict)
    path = models.JSONField(default=list)
    flow_version = models.ForeignKey("workflows.FlowVersion", models.PROTECT, related_name="+")
    document_version = models.PositiveIntegerField()
    snapshot_number = models.PositiveIntegerField()
    arrived_at = models.DateTimeField(null=True)
    at = models.DateTimeField()
    idempotency_key = models.CharField(max_length=80, null=True)  # noqa: DJ001
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("history event")
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(fields=["case", "sequence"], name="event_sequence"),
            models.UniqueConstraint(fields=["actor", "idempotency_key"], name="event_once"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=_APPEND_ONLY)]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.sequence} {self.kind}"

    @property
    def stage_title(self) -> str:
        if self.node_title_en and (get_language() or "").startswith("en"):
            return self.node_title_en
        return self.node_title


class Snapshot(models.Model):
    """The document as its readers saw it; a new one only when it differs from the last."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="snapshots")
    number = models.PositiveIntegerField()
    document_version = models.PositiveIntegerField()
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("snapshot")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="snapshot_number")]
        triggers = [pgtrigger.Protect(name="append_only", operation=_APPEND_ONLY)]


class ApprovalCondition(models.Model):
    """A condition of 有条件同意, which later documents must tick off (CTR-06)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="conditions")
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="conditions")
    text = models.CharField(_("condition"), max_length=500)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    fulfilled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    fulfilled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("approval condition")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text
