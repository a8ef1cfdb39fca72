"""The work handover as the approval engine sees it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from applications.assessment import local_day
from documents import categories
from documents.choices import WfStatus
from documents.engine_door import engine_writes
from documents.kinds import RoutedDocumentKind, Section, Start
from documents.lists import Head, ReadTable
from documents.rules import refuse_unless
from lending_crm.common.errors import DomainError
from lending_crm.common.formats import format_day
from lending_crm.common.locks import lock_name
from lending_crm.common.outbox import publish_all
from resources.choices import HandoverReason, HandoverStatus, Outcome
from resources.listing import draw_up
from resources.models import HandoverItem, WorkHandover
from resources.row_tables import PARTS
from resources.rules import refusals
from resources.rules.permissions import may_hand_over
from resources.rules.submission import (
    crosses_branches,
    receivers_of,
    submission_refusals,
    submission_warnings,
)
from staff.choices import RoleCode
from staff.events import notice
from staff.rules import keeps_organisation
from staff.selectors import holders
from staff.services.guards import lock_row, refusing
from workflows.kinds import Fact, FactValue, StageDecision

if TYPE_CHECKING:
    from staff.models import Employee
    from workflows.models import Case

KIND_CODE = "work_handover"
FORM = "work-handover"
#: topic of the outbox: a handover that carries itself out
EXECUTE_TOPIC = "resources.execute"
JOINT_VISIT = categories.AttachmentCategory("JOINT_VISIT", _("Joint visit report"))
CATEGORIES = (JOINT_VISIT, categories.OTHER)
_LOCK = "work-handover"
HANDED = ReadTable(
    "items",
    _("Handover list"),
    (
        Head(_("handover object")),
        Head(_("what")),
        Head(_("details")),
        Head(_("receiver")),
        Head(_("remark")),
    ),
)
CARRIED_OUT = replace(HANDED, heads=(*HANDED.heads, Head(pgettext_lazy("handover", "result"))))


class WorkHandoverKind(RoutedDocumentKind):
    code = KIND_CODE
    title = _("Work handover")
    model = WorkHandover
    prefix = "YJ"
    url_name = "resources:handover_detail"
    editable_fields = (
        "subject",
        "mode",
        "reason",
        "effective_on",
        "with_history",
        "with_approvals",
        "is_automatic",
        "to_employee",
        "supervisor",
        "remark",
    )
    required_fields = ("supervisor",)
    row_tables = (PARTS,)
    further_tables = (CARRIED_OUT,)
    sections = (
        Section(
            "settings",
            _("Handover settings"),
            (
                "subject",
                "mode",
                "reason",
                "effective_on",
                "with_history",
                "with_approvals",
                "is_automatic",
            ),
        ),
        Section("objects", _("Handover objects"), tables=("parts",)),
        Section(
            "people",
            _("Handover people"),
            ("from_employee", "to_employee", "supervisor", "remark"),
        ),
        Section("list", _("Handover list"), tables=("items",)),
    )
    select_related = ("from_employee", "to_employee", "supervisor", "executor", "returns")
    #: whoever has agreed to a list has not agreed to another one
    material_fields = frozenset({"to_employee", "supervisor", "effective_on", "items"})
    facts = (
        Fact("has_receivers", "boolean", _("somebody else than who wrote it receives")),
        Fact("has_branch_manager", "boolean", _("the person belongs to a branch")),
        Fact("needs_head_office", "boolean", _("across branches, or of head office")),
        Fact("things", "integer", _("number of things handed over")),
    )
    person_fields = (
        ("receivers", _("Receivers")),
        ("supervisor", _("Handover supervisor")),
    )
    print_forms = {FORM: _("Work handover form")}
    print_templates = {FORM: "resources/print/handover.html"}
    handler_title = pgettext_lazy("approval form", "Begun by")

    def seen_by_matter(self, user: Employee) -> QuerySet | None:
        """Administrators see every one; who gives, receives or supervises his, once submitted."""
        if keeps_organisation(user):
            return WorkHandover.objects.values("pk")
        is_his = Q(from_employee=user) | Q(to_employee=user) | Q(supervisor=user)
        is_his |= Q(pk__in=HandoverItem.objects.filter(receiver=user).values("document"))
        return WorkHandover.objects.filter(is_his, case__isnull=False).values("pk")

    # the draft

    def lock_origin(self, origin: Any) -> Any:
        return lock_row(type(origin), origin.pk)

    def begin(self, origin: Employee, *, actor: Employee, now: datetime) -> Start:
        """Refuses DOC-05: only the head of his department or an administrator begins one."""
        refuse_unless(may_hand_over(actor, origin))
        return Start(
            party=origin.name,
            fields={
                "from_employee": origin,
                "effective_on": local_day(now),
                "reason": HandoverReason.RESIGNED,
            },
            place=origin.department,
        )

    def check_opening(self, fields: Mapping[str, Any]) -> list[DomainError]:
        is_same = fields["to_employee"] == fields["from_employee"]
        return [refusals.same_person()] if is_same else []

    def check_draft(
        self, document: WorkHandover, values: Mapping[str, Any], rows: Mapping[str, list[Any]]
    ) -> list[DomainError]:
        """HND-01, HND-02 and HND-10 for the people that the form names."""
        to = values.get("to_employee", document.to_employee)
        supervisor = values.get("supervisor", document.supervisor)
        found = []
        if to == document.from_employee:
            found.append(refusals.same_person())
        if not to.is_active:
            found.append(refusals.receiver_inactive(to.name))
        if supervisor is not None and supervisor in (to, document.from_employee):
            found.append(refusals.supervisor_involved())
        for index, part in enumerate(rows.get("parts", [])):
            if part.receiver is not None and part.receiver == document.from_employee:
                found.append(refusals.same_person(f"parts.{index}.receiver"))
        return found

    def lay_down(self, document: WorkHandover, *, now: datetime) -> None:
        draw_up(document, now=now)

    # what the engine copies

    def party(self, document: WorkHandover) -> str:
        return document.from_employee.name

    def search_text(self, document: WorkHandover) -> str:
        return document.from_employee.pinyin

    def snapshot_tables(self, document: WorkHandover) -> list[dict[str, Any]]:
        """The list goes along; with what became of each once it was carried out."""
        is_done = document.biz_status == HandoverStatus.DONE
        rows = [
            [
                item.title,
                item.label,
                item.detail,
                item.receiver_name,
                item.problem,
                *([_result(item)] if is_done else []),
            ]
            for item in document.listed
        ]
        items = CARRIED_OUT if is_done else HANDED
        return [*super().snapshot_tables(document), items.snapshot(rows)]

    # submission

    def required_categories(self, document: WorkHandover) -> Collection[str]:
        """The joint visit report, where a problem loan is among them (HND-07)."""
        return (JOINT_VISIT.code,) if any(item.problem for item in document.listed) else ()

    def check_rules(
        self, document: WorkHandover, *, actor: Employee, now: datetime
    ) -> list[DomainError]:
        return list(submission_refusals(document))

    def warnings(self, document: WorkHandover, *, now: datetime) -> list[Any]:
        return list(submission_warnings(document, now=now))

    def collect_facts(self, document: WorkHandover, *, now: datetime) -> dict[str, FactValue]:
        is_branch = not document.branch.is_head_office
        return {
            "has_receivers": bool(self.people_in_field(document, "receivers")),
            "has_branch_manager": is_branch,
            "needs_head_office": not is_branch or crosses_branches(document),
            "things": len(document.listed),
        }

    def person_field(self, document: WorkHandover, name: str) -> int | None:
        return document.supervisor_id if name == "supervisor" else None

    def people_in_field(self, document: WorkHandover, name: str) -> Sequence[int]:
        """Receivers: all but who wrote it, since nobody decides on his own document."""
        if name != "receivers":
            return super().people_in_field(document, name)
        own = (document.handler_id, document.creator_id)
        return [person.pk for person in receivers_of(document.listed) if person.pk not in own]

    # life after submission

    def set_status(
        self, document: WorkHandover, status: str, *, case: Case | None, now: datetime
    ) -> None:
        """A submitted batch holds its things, one that ended lets them go (HND-04)."""
        if status == WfStatus.IN_APPROVAL:
            _claim(document)
        super().set_status(document, status, case=case, now=now)
        if status in (WfStatus.WITHDRAWN, WfStatus.REJECTED, WfStatus.VOID):
            with engine_writes():
                document.items.filter(is_open=True).update(is_open=False)

    def conclude(
        self,
        document: WorkHandover,
        outcome: Literal["APPROVED", "REJECTED"],
        *,
        case: Case,
        decisions: Sequence[StageDecision],
        conditions: Sequence[str],
        now: datetime,
    ) -> None:
        """Approved: it waits for an administrator, or carries itself out when its day is there."""
        if outcome == "REJECTED":
            return
        WorkHandover.objects.filter(pk=document.pk).update(biz_status=HandoverStatus.PENDING)
        document.biz_status = HandoverStatus.PENDING
        publish_all(_approved_message(document, case), now=now)
        if document.is_automatic and document.effective_on <= local_day(now):
            publish_all([(EXECUTE_TOPIC, {"handover_id": document.pk})], now=now)

    def followers(self, document: WorkHandover) -> Sequence[object]:
        """What was carried out is given back, not voided (DOC-02)."""
        is_done = document.biz_status == HandoverStatus.DONE
        own = [HandoverStatus.DONE.label] if is_done else []
        return [*own, *super().followers(document)]

    def print_context(
        self, document: WorkHandover, form: str, *, hidden: Collection[str]
    ) -> dict[str, Any]:
        """The three signatures of the paper, a line for each receiver."""
        done = document.executed_at
        with translation.override("zh-hans"):
            return super().print_context(document, form, hidden=hidden) | {
                "giver": document.from_employee.name,
                "receivers": [person.name for person in receivers_of(document.listed)],
                "supervisor": document.supervisor.name if document.supervisor else "",
                "executed_on": format_day(local_day(done)) if done else "",
                "executor": document.executor.name if document.executor else "",
                "moved": _count(document, Outcome.MOVED),
                "skipped": _count(document, Outcome.SKIPPED),
            }


def related_to(document: Any) -> dict[int, str]:
    """Who hands over does not decide on it (WF-17), whatever his role."""
    return {document.from_employee_id: gettext_noop("hands over his own work")}


def _claim(document: WorkHandover) -> None:
    # One after the other: two batches that claim the same things crosswise would lock up.
    lock_name(_LOCK)
    document.items.filter(is_open=True).update(is_open=False)
    with refusing({"handover_item_open_once": refusals.taken_meanwhile}):
        document.items.filter(is_included=True).update(is_open=True)


def _result(item: HandoverItem) -> str:
    if item.outcome == Outcome.SKIPPED:
        return f"{item.get_outcome_display()}: {item.note} {item.code}".strip()
    return str(item.get_outcome_display())


def _count(document: WorkHandover, outcome: Outcome) -> int:
    return sum(item.outcome == outcome for item in document.listed)


def _approved_message(document: WorkHandover, case: Case) -> list[tuple[str, dict[str, Any]]]:
    return notice(
        "work_handover.approved",
        [each.pk for each in holders(RoleCode.ADM)],
        url=document.get_absolute_url(),
        case_id=case.pk,
        doc_no=document.doc_no,
        subject=document.subject,
        party=document.from_employee.name,
        date=document.effective_on.isoformat(),
    )
