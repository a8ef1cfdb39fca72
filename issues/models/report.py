"""8D 报告: the report in eight parts that the upper levels answer with."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

import pgtrigger

from issues.models.issue import IssueEscalation

_CLOSED = (
    "IF EXISTS (SELECT 1 FROM issues_issueescalation WHERE document_ptr_id = OLD.issue_id"
    " AND biz_status = 'CLOSED') THEN RAISE EXCEPTION 'the issue of report % is closed', OLD.id"
    " USING ERRCODE = 'check_violation'; END IF;"
    " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;"
)


def _part(label: object) -> models.TextField:
    return models.TextField(label, max_length=1000, blank=True)  # type: ignore[arg-type]


class IssueReport(models.Model):
    """One an issue; whoever has the issue in his hands writes on it."""

    issue = models.OneToOneField(IssueEscalation, models.PROTECT, related_name="report")
    team = _part(_("D1 Team"))
    problem = _part(_("D2 Description of the problem"))
    containment = _part(_("D3 Immediate measures"))
    root_cause = _part(_("D4 Root cause"))
    measures = _part(_("D5 Lasting measures"))
    verification = _part(_("D6 Introduction and proof of the measures"))
    prevention = _part(_("D7 Prevention of a repetition"))
    summary = _part(_("D8 Summary and recognition"))
    version = models.PositiveIntegerField(default=1, editable=False)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    written_at = models.DateTimeField(_("written at"))

    class Meta:
        verbose_name = _("report in eight parts")
        triggers = [
            pgtrigger.Trigger(
                name="kept_with_closed_issue",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=_CLOSED,
            )
        ]

    def __str__(self) -> str:
        return str(_("report in eight parts"))


def part_label(name: str) -> Any:
    """The heading of a part."""
    column: Any = IssueReport._meta.get_field(name)
    return column.verbose_name


#: the eight parts in their order
REPORT_PARTS = (
    "team",
    "problem",
    "containment",
    "root_cause",
    "measures",
    "verification",
    "prevention",
    "summary",
)
