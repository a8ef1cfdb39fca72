"""What stands against the submission of a handover, and what its handler should know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from documents.errors import receiver_elsewhere
from lending_crm.common.errors import DomainError
from resources.listing import held
from resources.models import HandoverItem, WorkHandover
from resources.rules import refusals
from resources.rules.permissions import is_head
from staff.handing import work_source
from staff.models import Employee
from workflows.choices import LIVE
from workflows.models import WorkItem

#: things that one refusal names at most
_TOLD = 10


def submission_refusals(handover: WorkHandover) -> Iterator[DomainError]:
    """HND-12, HND-09, HND-01, HND-02, HND-10, HND-07 and HND-04."""
    items = handover.listed
    if not items:
        yield refusals.nothing_chosen()
    lacking = [item.label for item in items if item.receiver is None and not _goes_by_rule(item)]
    if lacking:
        yield refusals.needs_receiver(lacking[:_TOLD])
    people = receivers_of(items)
    if handover.from_employee_id in {person.pk for person in people}:
        yield refusals.same_person("items")
    if handover.supervisor_id in {person.pk for person in people}:
        yield refusals.supervisor_involved()
    for person in people:
        if not person.is_active:
            yield refusals.receiver_inactive(person.name, field="items")
    if _problems_to_others(items):
        yield refusals.problem_to_head()
    yield from open_elsewhere(handover)


def _goes_by_rule(item: HandoverItem) -> bool:
    source = work_source(item.kind)
    return source is not None and bool(source.by_rule)


def receivers_of(items: Sequence[HandoverItem]) -> list[Employee]:
    """The people who receive something, each once, in the order of the list."""
    return list({item.receiver.pk: item.receiver for item in items if item.receiver}.values())


def _problems_to_others(items: Sequence[HandoverItem]) -> bool:
    people = receivers_of([item for item in items if item.problem])
    return any(not is_head(person) for person in people)


def open_elsewhere(handover: WorkHandover) -> list[DomainError]:
    """HND-04 for each thing of the list that another open batch holds already."""
    mine = handover.items.filter(is_included=True)
    others = (
        HandoverItem.objects.filter(
            is_open=True, object_id__in=mine.values("object_id"), kind__in=mine.values("kind")
        )
        .exclude(document=handover)
        .select_related("document")
        .order_by("position")
    )
    keys = {(item.kind, item.object_id) for item in handover.listed}
    found = [item for item in others if (item.kind, item.object_id) in keys]
    return [
        refusals.in_another_batch(item.kind, item.label, item.document.doc_no)
        for item in found[:_TOLD]
    ]


def crosses_branches(handover: WorkHandover) -> bool:
    home = handover.from_employee.branch_id
    return any(person.branch_id != home for person in receivers_of(handover.listed))


def submission_warnings(handover: WorkHandover, *, now: datetime) -> Iterator[str]:
    """A list that is out of date, HND-03, HND-05 and the problem loans."""
    listed = {(item.kind, item.object_id) for item in handover.items.all()}
    holds = {(source.code, holding.pk) for source, holding in held(handover, now=now)}
    if new := len(holds - listed):
        yield _("%(count)s things came up since the list was drawn up; save it anew.") % {
            "count": new
        }
    if gone := len(listed - holds):
        yield _("%(count)s things of the list are not held any more; save it anew.") % {
            "count": gone
        }
    if crosses_branches(handover):
        yield receiver_elsewhere(handover.branch.name).message
    if own := own_documents(handover.listed):
        yield refusals.would_approve_own(own).message
    problems = {item.customer_id for item in handover.listed if item.problem}
    if problems:
        yield _("%(count)s problem customers: the joint visit report is needed.") % {
            "count": len(problems)
        }


def own_documents(items: Sequence[HandoverItem]) -> list[str]:
    """The documents at whose open step their new handler is asked (HND-05)."""
    clause = Q(pk__in=())
    for item in items:
        if item.kind == "documents" and item.receiver_id is not None:
            clause |= Q(case__document=item.object_id, assignee=item.receiver_id)
    waiting = WorkItem.objects.filter(clause, state__in=LIVE)
    return list(waiting.order_by("case").values_list("case__doc_no", flat=True).distinct())
