"""Time limits of running cases: changed by an administrator, or by the calendar."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lending_crm.common.changes import record_changes
from lending_crm.common.errors import DomainError, not_found
from lending_crm.common.models import OutboxMessage
from lending_crm.common.outbox import publish_all
from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of
from workflows import errors
from workflows.act import Act, lock_case
from workflows.bpmn.model import Stage as StageElement
from workflows.bpmn.stage_checks import HOURS_AT_MOST
from workflows.choices import EventKind, VersionState
from workflows.definitions import definition_of
from workflows.models import FlowVersion
from workflows.pools import open_stages
from workflows.services.opinions import cleaned_reason
from workflows.timing.clock import retime

RETIME_TOPIC = "workflows.retime"
RETIME_ALL_TOPIC = "workflows.retime_all"
REASON_LENGTH = 2


@transaction.atomic
def change_limit(
    *,
    version_id: int,
    node_id: str,
    hours: Decimal | None,
    actor: Employee,
    now: datetime,
    reason: str,
) -> FlowVersion:
    """Set a stage's limit, in working hours, for the cases that run on a published version.

    The version itself stays as it was published; the limit is kept beside it and the change
    in its log. ``None`` goes back to the route's own limit. Open items are re-timed by the
    worker, case by case. Raises WF-31, WF-07, TIM-01 for a draft, TIM-02 for the number.
    """
    if not roles_of(actor).has(RoleCode.ADM):
        raise errors.administrators_only()
    version = FlowVersion.objects.select_for_update(of=("self",)).filter(pk=version_id).first()
    if version is None:
        raise not_found()
    if version.state == VersionState.DRAFT:
        raise DomainError("TIM-01", _("Change the limit in the draft itself."), status=409)
    try:
        element = definition_of(version.pk).stage(node_id)
    except KeyError:
        raise not_found() from None
    if hours is not None and not (hours.is_finite() and 0 < hours <= HOURS_AT_MOST):
        raise DomainError(
            "TIM-02",
            _("The time limit must be more than 0 and at most 10,000 hours."),
            status=422,
            field="hours",
        )
    reason = cleaned_reason(reason, REASON_LENGTH)
    before = version.limits.get(node_id)
    limits = {key: value for key, value in version.limits.items() if key != node_id}
    if hours is not None and hours != element.settings.limit_hours:
        limits[node_id] = f"{hours:f}"
    version.limits = limits
    version.save(update_fields=["limits"])
    record_changes(
        instance=version,
        before={"limits": _said(element, before)},
        after={"limits": f"{_said(element, limits.get(node_id))} {reason}"},
        actor=actor,
        now=now,
    )
    told = {"version": version.pk, "node": node_id, "because": "LIMIT", "by": actor.name}
    publish_all([(RETIME_ALL_TOPIC, told)], now=now)
    return version


def _said(element: StageElement, changed: str | None) -> str:
    own = element.settings.limit_hours
    hours = changed if changed is not None else ("—" if own is None else f"{own:f}")
    return f"{element.name}: {hours}"


def calendar_changed(now: datetime) -> None:
    """A working day changed: every clock that runs is set anew, in the worker."""
    publish_all([(RETIME_ALL_TOPIC, {})], now=now)


@transaction.atomic
def retime_all(message: OutboxMessage, now: datetime) -> None:
    """Handler of ``workflows.retime_all``: one message for each case with an open stage.

    The stages are looked up here, not where the limit was changed: a stage that opened at the
    same moment with the old limit is found, too.
    """
    told = message.payload
    waiting = open_stages().exclude(node_id="")
    if "version" in told:
        waiting = waiting.filter(process__flow_version=told["version"], node_id=told["node"])
    why = {"because": told.get("because", "CALENDAR"), "by": told.get("by", "")}
    cases = waiting.order_by("process").values_list("process", flat=True).distinct()
    publish_all([(RETIME_TOPIC, {"case": case_id, **why}) for case_id in cases], now=now)


@transaction.atomic
def retime_case(message: OutboxMessage, now: datetime) -> None:
    """Handler of ``workflows.retime``: compute one case's due dates and timers anew.

    Computed from the start of each stage, so that doing it twice is doing it once.
    """
    act = Act(lock_case(pk=message.payload["case"]), actor=None, now=now, while_suspended=True)
    before = {stage.pk: stage.due_at for stage in act.open_stages()}
    for stage in retime(act):
        was = before[stage.pk]
        act.record(
            EventKind.RETIMED,
            stage=stage,
            data={
                "because": message.payload["because"],
                "by": message.payload["by"],
                "before": was.isoformat() if was else "",
                "due_at": stage.due_at.isoformat() if stage.due_at else "",
            },
        )
    act.commit()
