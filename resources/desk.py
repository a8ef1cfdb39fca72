"""资源中心 → 工作移交: list, form and page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from applications.assessment import local_day
from documents.choices import WfStatus
from documents.desk import Column, Desk, Figure, Head, Origin
from documents.desk.declaration import Action, Extra
from resources.choices import HandoverReason, HandoverStatus, Outcome
from resources.kinds import KIND_CODE
from resources.models import WorkHandover
from resources.rules import refusals
from resources.rules.permissions import (
    handed_over_by,
    may_begin,
    may_execute,
    may_hand_over,
    may_see_list,
)
from resources.rules.submission import receivers_of
from resources.services.returning import givers_of
from staff.models import Employee

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from lending_crm.common.errors import DomainError


def _describe(employee: Employee) -> Sequence[str]:
    return (employee.name, employee.employee_no, str(employee.department or employee.branch or ""))


class HandoverDesk(Desk):
    """Work handovers: what an employee holds goes to others as one batch."""

    kind_code = KIND_CODE
    namespace = "resources"
    name = "handover"
    path = "work-handovers"
    icon = "arrows-exchange"
    section = "resources"
    section_label = _("Resource centre")
    plural = _("Work handovers")
    order = 15
    columns = (
        Column("from_employee__name", _("handed over by")),
        Column("to_employee__name", _("receiver")),
        Column("reason", pgettext_lazy("handover", "reason")),
        Column("effective_on"),
    )
    links = ()
    search = ("from_employee__pinyin", "from_employee__name__lower", "to_employee__name__lower")
    has_biz_status = True
    biz_marks = {
        HandoverStatus.PENDING: ("amber", "clock"),
        HandoverStatus.DONE: ("green", "check"),
    }
    quiet_biz = frozenset({HandoverStatus.PREPARING})
    origin = Origin(
        field="from_employee",
        label=_("Handed over by"),
        candidates=lambda user: handed_over_by(user).select_related("department", "branch"),
        search=("name", "employee_no", "pinyin"),
        heads=(
            Head(_("employee")),
            Head(_("employee number")),
            Head(_("department")),
        ),
        describe=_describe,
        empty=_("There is nobody whose work you may hand over."),
    )

    def may_see_list(self, user: Employee) -> bool:
        return may_see_list(user)

    def may_create(self, user: Employee) -> bool:
        return may_begin(user)

    def choices(self, name: str, user: Employee, *, about: Any = None) -> QuerySet:
        """Receivers and supervisors: everybody who works here; head office agrees to others'
        branches (HND-03)."""
        people = (
            Employee.objects.active().select_related("branch").order_by("branch", "employee_no")
        )
        giver = about.from_employee if isinstance(about, WorkHandover) else about
        return people.exclude(pk=giver.pk) if isinstance(giver, Employee) else people

    def figures(self, document: WorkHandover) -> list[Figure]:
        items = document.listed
        counts = Counter(item.outcome for item in items)
        people = receivers_of(items)
        found = [
            Figure(_("Things on the list"), str(len(items)), _by_kind(document)),
            Figure(_("Receivers"), str(len(people)), "、".join(p.name for p in people[:3])),
            Figure(_("Effective on"), document.effective_on.isoformat(), _how(document)),
        ]
        if document.biz_status == HandoverStatus.DONE:
            skipped = counts[Outcome.SKIPPED]
            found.append(
                Figure(
                    pgettext_lazy("handover", "Moved"),
                    str(counts[Outcome.MOVED]),
                    gettext("%(count)s stayed") % {"count": skipped},
                    "warning" if skipped else "good",
                )
            )
        return found

    def alerts(self, document: WorkHandover) -> list[tuple[str, Any]]:
        found: list[tuple[str, Any]] = []
        moved_on = [
            f"{item.label.split()[0]} → {item.moved_on}"
            for item in document.listed
            if item.moved_on
        ]
        if moved_on:
            found.append(("amber", refusals.would_approve_own(moved_on).message))
        if document.biz_status == HandoverStatus.PENDING and not document.is_automatic:
            found.append(("blue", _("Approved; an information administrator carries it out.")))
        if document.returns:
            said = gettext("Gives back what was handed over by %(doc_no)s.")
            found.append(("blue", said % {"doc_no": document.returns.doc_no}))
        return found

    def actions(self, document: WorkHandover, user: Employee) -> list[Action]:
        if document.is_editable and document.handler_id == user.pk:
            url = reverse("resources:handover_items", args=[document.pk])
            return [Action(_("Choose items and receivers"), icon="list-check", url=url)]
        if document.biz_status == HandoverStatus.PENDING and may_execute(user):
            reason = self.too_early(document)
            return [
                Action(
                    _("Carry out the handover"),
                    icon="arrows-exchange",
                    dialog="execute-dialog",
                    reason=reason.message if reason else "",
                    is_primary=True,
                )
            ]
        if self.givers(document, user):
            return [Action(_("Give back"), icon="arrow-back-up", dialog="return-dialog")]
        return []

    def too_early(self, document: WorkHandover) -> DomainError | None:
        if document.effective_on > local_day(timezone.now()):
            return refusals.not_effective_yet(document.effective_on)
        return None

    def givers(self, document: WorkHandover, user: Employee) -> list[Employee]:
        """Whose parts of the batch the user may have given back; of a leave only."""
        is_leave = document.reason == HandoverReason.LEAVE
        if document.biz_status != HandoverStatus.DONE or not is_leave or not may_begin(user):
            return []
        return [person for person in givers_of(document) if may_hand_over(user, person)]

    def extras(self, document: WorkHandover, user: Employee) -> list[Extra]:
        skipped = [item for item in document.listed if item.outcome == Outcome.SKIPPED]
        can_execute = (
            document.wf_status == WfStatus.APPROVED
            and document.biz_status == HandoverStatus.PENDING
            and may_execute(user)
            and self.too_early(document) is None
        )
        context = {
            "handover": document,
            "skipped": skipped,
            "can_execute": can_execute,
            "givers": self.givers(document, user),
        }
        return [Extra("resources/_outcome.html", context)]


def _by_kind(document: WorkHandover) -> str:
    counts = Counter(item.title for item in document.listed)
    return " · ".join(f"{title} {count}" for title, count in counts.items())


def _how(document: WorkHandover) -> Any:
    return _("carried out by itself") if document.is_automatic else _("carried out by hand")


HANDOVER_DESK = HandoverDesk()
