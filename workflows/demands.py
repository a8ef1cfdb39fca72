"""What a stage asks of a decision besides the opinion: a signature, an attachment."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from staff.models import Employee
from workflows import errors
from workflows.access import is_his
from workflows.act import Act
from workflows.bpmn.model import StageAction, StageSettings
from workflows.choices import CaseState, ItemKind, ItemState
from workflows.definitions import definition_of
from workflows.hashing import SIGNATURE
from workflows.models import Case, FlowVersion, WorkItem
from workflows.querysets import pool_of

#: final answers; who returns a case asks for what is missing himself
_NEED_ATTACHMENT = frozenset(
    {StageAction.APPROVE, StageAction.APPROVE_WITH_CONDITIONS, StageAction.REJECT}
)


def check_demands(act: Act, item: WorkItem, settings: StageSettings, action: StageAction) -> None:
    """Raise WF-64 without a signature, WF-63 without an attachment, where the stage asks."""
    if settings.signature_required and not act.actor.signature_sha256:
        raise errors.signature_missing()
    if settings.attachment_required and action in _NEED_ATTACHMENT:
        since = item.stage.created
        if not act.kind.has_attached(act.case.document_id, act.actor, since=since):
            raise errors.attachment_missing()


def signed(actor: Employee) -> dict[str, Any]:
    """What binds the signature in use now into a decision; nothing without one."""
    if not actor.signature_sha256:
        return {}
    return {SIGNATURE: {"employee": actor.pk, "sha256": actor.signature_sha256}}


def is_asked_to_attach(case: Case | None, person: Employee) -> bool:
    """Whether an open step of the case asks the person for an attachment."""
    if case is None:
        return False
    asking = _asking(case.flow_version_id)
    if not asking or person.pk in (case.handler_id, case.creator_id):
        return False
    items = WorkItem.objects.filter(
        case=case, state=ItemState.OPEN, kind=ItemKind.DECISION, stage__node_id__in=asking
    )
    return any(is_his(item, person) for item in items)


def cases_asking(person: Employee) -> QuerySet:
    """Ids of the cases of which an open step asks the person for an attachment, as
    ``is_asked_to_attach`` says of one; for a subquery."""
    his = Q(assignee=person) | Q(assignee=None) & pool_of(person)
    held = WorkItem.objects.filter(his, state=ItemState.OPEN, kind=ItemKind.DECISION).order_by()
    asking = Q(pk__in=())
    # Few versions run, and the fewest ask: of the many steps that a role holds none is read.
    runs = Exists(Case.objects.filter(flow_version=OuterRef("pk"), state=CaseState.IN_APPROVAL))
    running = FlowVersion.objects.filter(runs).order_by()
    for version in running.values_list("pk", flat=True):
        if stages := _asking(version):
            asking |= Q(case__flow_version=version, stage__node_id__in=stages)
    his_own = Q(case__handler=person) | Q(case__creator=person)
    return held.filter(asking).exclude(his_own).values("case")


def _asking(flow_version_id: int) -> set[str]:
    """The stages of a route that ask for an attachment."""
    stages = definition_of(flow_version_id).stages()
    return {stage.id for stage in stages if stage.settings.attachment_required}
