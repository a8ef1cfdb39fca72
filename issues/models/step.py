"""处理记录: what each level and the reporter said. Append-only."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

import pgtrigger

from issues.choices import GOING_UP, Level, Reason, StepKind
from issues.models.issue import IssueEscalation


class IssueStep(models.Model):
    """``round`` and ``node_id`` are those of the approval step that it belongs to, so that a
    decision of the engine has its record; both are empty for the reporter's own words."""

    issue = models.ForeignKey(IssueEscalation, models.PROTECT, related_name="steps")
    kind = models.CharField(_("what happened"), max_length=8, choices=StepKind.choices)
    level = models.PositiveSmallIntegerField(_("level"), choices=Level.choices)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices, blank=True)
    text = models.TextField(_("record"), max_length=2000)
    round = models.PositiveIntegerField(null=True)
    node_id = models.CharField(max_length=100, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    at = models.DateTimeField(_("written at"))

    class Meta:
        verbose_name = _("handling record")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "round", "node_id"],
                condition=~Q(node_id=""),
                name="issue_step_once_a_decision",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in GOING_UP]) & ~Q(reason="")
                | ~Q(kind__in=[kind.value for kind in GOING_UP]) & Q(reason=""),
                name="issue_step_reason",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.text[:40]}"
