"""资源中心 → 问题升级: list, form and page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from documents.choices import WfStatus
from documents.desk import Column, Desk, Figure
from documents.desk.declaration import Action, Extra, Label
from issues.choices import IssueStatus, Level
from issues.forms import IssueHeaderForm, ReasonForm, RecordForm
from issues.kinds import KIND_CODE
from issues.models import IssueEscalation
from issues.rules import item_in_hand, may_report, may_see_issues, waits_for_reporter
from issues.services.issues import due_of, is_overdue
from lending_crm.common.formats import format_moment
from staff.models import Employee
from workflows.screens.items import shown_items

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from documents.desk.forms import HeaderForm
    from workflows.models import WorkItem

ANSWER, ESCALATE, CONFIRM, REFUSE, OVERDUE = "answer", "escalate", "confirm", "refuse", "overdue"
_NEXT_LEVEL = _("The issue goes to the next level.")


@dataclass(frozen=True)
class Dialog:
    """A dialog of the page; ``name`` is that of its act, its form and its address."""

    name: str
    title: Label
    sentence: Label
    shape: type[RecordForm]


DIALOGS = (
    Dialog(
        ANSWER,
        _("Answer the issue"),
        _("The answer goes to the reporter; the issue closes when he agrees."),
        RecordForm,
    ),
    Dialog(ESCALATE, _("Hand up"), _("The next level answers within 24 hours."), ReasonForm),
    Dialog(
        CONFIRM,
        _("Confirm and close"),
        _("Write down how the reporter agreed. A closed issue is not opened again."),
        RecordForm,
    ),
    Dialog(REFUSE, _("Refuse the answer"), _NEXT_LEVEL, ReasonForm),
    Dialog(OVERDUE, _("Hand up, no answer in time"), _NEXT_LEVEL, RecordForm),
)


class IssueDesk(Desk):
    """Issues: complaints and risks, answered level by level until the reporter agrees."""

    kind_code = KIND_CODE
    namespace = "issues"
    name = "issue"
    path = "issues"
    icon = "speakerphone"
    section = "resources"
    section_label = _("Resource centre")
    plural = _("Issue escalations")
    order = 40
    columns = (
        Column("issue_kind"),
        Column("severity"),
        Column("reporter"),
        Column("customer__name", _("customer")),
        Column("level"),
    )
    links = ("customer", "loan")
    search = ("reporter__lower", "customer__search_text", "loan_no__lower", "about_no__lower")
    has_biz_status = True
    biz_marks = {
        IssueStatus.HANDLING: ("blue", "loader-2"),
        IssueStatus.ANSWERED: ("amber", "user-question"),
        IssueStatus.CLOSED: ("green", "circle-check"),
    }
    quiet_biz = frozenset({IssueStatus.OPEN})

    @property
    def form_class(self) -> type[HeaderForm]:
        return IssueHeaderForm

    def may_see_list(self, user: Employee) -> bool:
        return may_see_issues(user)

    def may_create(self, user: Employee) -> bool:
        return may_report(user)

    def choices(self, name: str, user: Employee, *, about: Any = None) -> QuerySet:
        """The person in charge is a colleague of the branch; customers are those in sight."""
        if name == "customer":
            return Customer.objects.visible_to(user)
        colleagues = Employee.objects.active().filter(branch=user.branch_id).exclude(pk=user.pk)
        return colleagues.order_by("employee_no")

    def figures(self, document: IssueEscalation) -> list[Figure]:
        due = due_of(document, _items(document))
        is_late = due is not None and due < timezone.now()
        return [
            Figure(_("Level"), document.get_level_display()),
            Figure(
                _("Answer until"),
                format_moment(due) if due else "—",
                _("past due") if is_late else "",
                tone="bad" if is_late else "",
            ),
            Figure(_("Person in charge"), document.owner.name if document.owner else "—"),
        ]

    def alerts(self, document: IssueEscalation) -> list[tuple[str, Any]]:
        if document.wf_status != WfStatus.RETURNED:
            return []
        return [("amber", _("The issue is answered: ask the reporter whether he agrees."))]

    def actions(self, document: IssueEscalation, user: Employee) -> list[Action]:
        if item_in_hand(document, user, _items(document)) is not None:
            return _level_actions(document)
        if waits_for_reporter(document, user):
            return [
                Action(_("Refuse the answer"), icon="arrow-up", dialog=f"{REFUSE}-dialog"),
                Action(
                    _("Confirm and close"),
                    icon="circle-check",
                    dialog=f"{CONFIRM}-dialog",
                    is_primary=True,
                ),
            ]
        is_handler = document.handler_id == user.pk and document.level < Level.EXTERNAL
        if is_handler and is_overdue(document, now=timezone.now(), items=_items(document)):
            return [Action(_("Hand up, no answer in time"), icon="clock-exclamation",
                           dialog=f"{OVERDUE}-dialog")]  # fmt: skip
        return []

    def extras(self, document: IssueEscalation, user: Employee) -> list[Extra]:
        return [self.dialogs(document)]

    def dialogs(self, document: IssueEscalation, **bound: RecordForm) -> Extra:
        """The forms for the dialogs of the page's actions; a bound one opens its own again."""
        dialogs = [
            {
                "id": f"{each.name}-dialog",
                "url": reverse(f"issues:{each.name}", args=[document.pk]),
                "title": each.title,
                "sentence": each.sentence,
                "form": bound.get(each.name) or each.shape(prefix=each.name),
            }
            for each in DIALOGS
        ]
        return Extra("issues/_dialogs.html", {"dialogs": dialogs})


def _items(issue: IssueEscalation) -> list[WorkItem]:
    """Of its case, as the page reads them."""
    return [] if issue.case is None else shown_items(issue.case)


def _level_actions(issue: IssueEscalation) -> list[Action]:
    report = reverse("issues:report", args=[issue.pk])
    found = [Action(_("Report in eight parts"), icon="report", url=report)]
    if issue.level < Level.EXTERNAL:
        found.append(Action(_("Hand up"), icon="arrow-up", dialog=f"{ESCALATE}-dialog"))
    found.append(
        Action(_("Answer the issue"), icon="message", dialog=f"{ANSWER}-dialog", is_primary=True)
    )
    return found


ISSUE_DESK = IssueDesk()
