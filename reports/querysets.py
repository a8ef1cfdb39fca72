"""Who sees which work reports and work plans."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import RawSQL

from reports.choices import ReceiverKind, ReportStatus

_BELOW = """
    WITH RECURSIVE below(id) AS (
        SELECT id FROM staff_employee WHERE superior_id = %s
        UNION
        SELECT person.id FROM staff_employee person JOIN below ON person.superior_id = below.id
    ) SELECT id FROM below
"""


class WorkReportQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """One's own; what was submitted also for its receivers, the superiors above and whoever
        got it by a work handover."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(
            Q(author=user) | (_SUBMITTED & (_received(user) | _below(user) | _kept(user)))
        )

    def written_by(self, user: Any) -> Self:
        """我的工作报告."""
        return self.filter(author=user)

    def of_people_below(self, user: Any) -> Self:
        """下属报告: of everybody below, and what was addressed to the user by name."""
        return self.filter(_SUBMITTED & (_below(user) | _received(user, ReceiverKind.REPORT)))

    def copied_to(self, user: Any) -> Self:
        """抄送我的, and what a work handover brought."""
        return self.filter(_SUBMITTED & (_received(user, ReceiverKind.COPY) | _kept(user)))

    def held_by(self, user: Any) -> Self:
        """What a work handover would bring to his successor: submitted, his own or kept by him."""
        return self.filter(_SUBMITTED & (Q(author=user, keeper=None) | _kept(user)))


class WorkPlanQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """One's own, and those of everybody below."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(Q(author=user) | _below(user))

    def written_by(self, user: Any) -> Self:
        """我的计划."""
        return self.filter(author=user)

    def of_people_below(self, user: Any) -> Self:
        """下属计划."""
        return self.filter(_below(user)).exclude(author=user)


class PlanTaskQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(Q(plan__author=user) | _below(user, "plan__"))


_SUBMITTED = ~Q(status=ReportStatus.DRAFT)


def _kept(user: Any) -> Q:
    return Q(keeper__employee=user)


def _below(user: Any, prefix: str = "") -> Q:
    below = RawSQL(_BELOW, [user.pk])  # noqa: S611 - the text is a constant
    return Q(**{f"{prefix}author_id__in": below})


def _received(user: Any, kind: str | None = None) -> Q:
    from reports.models import ReportReceiver

    rows = ReportReceiver.objects.filter(report=OuterRef("pk"), employee=user)
    return Q(Exists(rows.filter(kind=kind) if kind else rows))
