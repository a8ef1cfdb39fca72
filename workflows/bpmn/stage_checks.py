"""Publish checks on what an administrator set at one element."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from django.utils.translation import gettext_lazy as _

from workflows.bpmn.durations import duration_hours
from workflows.bpmn.findings import Finding, Severity
from workflows.bpmn.ladder import RungAct, is_sound
from workflows.bpmn.model import (
    AssigneeKind,
    AssigneeRule,
    BoundaryTimer,
    CopyTask,
    DecideMode,
    Definition,
    Element,
    EndEvent,
    EndKind,
    Gateway,
    GatewayKind,
    OnEmpty,
    OnSamePerson,
    ServiceTask,
    Stage,
    StageAction,
    StageSettings,
)
from workflows.bpmn.naming import about_element, active_language
from workflows.bpmn.stage_words import rule_in_words

Resolves = Callable[[AssigneeRule], bool]

LENGTH_AT_MOST = 2000
LEVEL_AT_MOST = 10
HOURS_AT_MOST = 10_000


def stage_findings(
    stage: Stage,
    *,
    resolves: Resolves | None,
    term_fields: Collection[str] | None,
    fields: Collection[str] | None,
    editable: Collection[str] | None = None,
) -> Iterator[Finding]:
    """What is missing or impossible at an approval stage."""
    settings = stage.settings
    if not stage.name.strip():
        yield about_element("no-name", stage, _("The stage %(id)s has no name."))
    is_filled = settings.decide is DecideMode.ANY or settings.on_empty is not OnEmpty.STOP
    yield from assignee_findings(stage, settings.assignees, resolves, each_counts=not is_filled)
    if StageAction.APPROVE not in settings.actions:
        yield about_element(
            "no-approve", stage, _("“%(element)s” does not allow to approve: nobody gets past it.")
        )
    if settings.decide is DecideMode.VOTE:
        for share in (settings.vote.quorum, settings.vote.pass_ratio):
            if not 0 < share <= 1:
                yield about_element(
                    "vote-ratio",
                    stage,
                    _("“%(element)s”: quorum and pass ratio must be more than 0 and at most 1."),
                )
                break
        if all(rule.weight < 1 for rule in settings.assignees) and settings.assignees:
            yield about_element(
                "vote-weight", stage, _("“%(element)s”: no vote has a weight of 1 or more.")
            )
    yield from _asking_findings(stage)
    yield from _time_findings(stage)
    lengths = (settings.reason_length, settings.reject_reason_length)
    if not all(0 <= length <= LENGTH_AT_MOST for length in lengths):
        yield about_element(
            "reason-length",
            stage,
            _("“%(element)s”: the length of a reason must be between 0 and %(limit)s."),
            limit=LENGTH_AT_MOST,
        )
    if settings.authority_level is not None and settings.authority_level < 1:
        yield about_element(
            "authority-level", stage, _("“%(element)s”: authority levels begin at 1.")
        )
    yield from _empty_seat_findings(stage, resolves)
    yield from _field_findings(stage, settings.term_fields, term_fields)
    yield from _field_findings(stage, settings.hidden_fields, fields)
    yield from _field_findings(stage, settings.editable_fields, editable)
    for name in sorted(set(settings.hidden_fields) & set(settings.editable_fields)):
        yield about_element(
            "hidden-and-editable",
            stage,
            _("“%(element)s”: the field “%(field)s” is hidden and open to correction at once."),
            field=name,
        )


def _empty_seat_findings(stage: Stage, resolves: Resolves | None) -> Iterator[Finding]:
    """Who decides when nobody is found has to be named, and to be there."""
    settings = stage.settings
    if settings.on_empty is not OnEmpty.PERSON:
        return
    if settings.empty_person is None:
        yield about_element(
            "empty-person",
            stage,
            _("“%(element)s”: choose the person who decides when nobody is found."),
        )
        return
    named = AssigneeRule(AssigneeKind.PEOPLE, people=(settings.empty_person,))
    if resolves is not None and not resolves(named):
        yield about_element(
            "empty-person-left",
            stage,
            _(
                "“%(element)s”: the person who decides when nobody is found does not work here "
                "any more."
            ),
        )


def _asking_findings(stage: Stage) -> Iterator[Finding]:
    settings = stage.settings
    if settings.on_same_person is OnSamePerson.AUTO_PASS and not settings.passes_by_itself:
        yield about_element(
            "passes-by-itself",
            stage,
            _(
                "“%(element)s” cannot pass by itself: at steps of risk control, finance and the "
                "committee somebody always decides."
            ),
        )
    if settings.claim_required and not _may_lie_in_pool(settings):
        yield about_element(
            "claims-nothing",
            stage,
            _(
                "“%(element)s” has nothing to claim: only where one holder of a role decides for "
                "all does an item lie in a pool."
            ),
            Severity.WARNING,
        )


def _may_lie_in_pool(settings: StageSettings) -> bool:
    return settings.decide is DecideMode.ANY and all(
        rule.kind is AssigneeKind.ROLE for rule in settings.assignees
    )


def _time_findings(stage: Stage) -> Iterator[Finding]:
    settings = stage.settings
    if settings.limit_hours is not None and not 0 < settings.limit_hours <= HOURS_AT_MOST:
        yield about_element(
            "limit-hours",
            stage,
            _("“%(element)s”: the time limit must be more than 0 and at most 10,000 hours."),
        )
    if not is_sound(settings.ladder):
        yield about_element(
            "ladder",
            stage,
            _(
                "“%(element)s”: what happens when time runs out needs different percentages from "
                "1 to 1000, and each must tell or ask somebody."
            ),
        )
    if settings.decide is DecideMode.VOTE and any(
        rung.act is not RungAct.TELL for rung in settings.ladder
    ):
        yield about_element(
            "ladder-vote",
            stage,
            _("“%(element)s”: the seats of a committee cannot be given away when time runs out."),
        )


def _field_findings(
    stage: Stage, names: Collection[str], known: Collection[str] | None
) -> Iterator[Finding]:
    if known is None:
        return
    for name in names:
        if name not in known:
            yield about_element(
                "unknown-field",
                stage,
                _("“%(element)s”: the document has no field “%(field)s”."),
                field=name,
            )


def assignee_findings(
    element: Element,
    rules: tuple[AssigneeRule, ...],
    resolves: Resolves | None,
    *,
    each_counts: bool = False,
) -> Iterator[Finding]:
    """Rules that are missing, unfinished, or can never find anybody.

    Where ``each_counts`` one such rule is enough to stop every case; else the others decide.
    """
    if not rules:
        yield about_element("no-assignee", element, _("Say who is asked at “%(element)s”."))
        return
    dead = []
    for rule in rules:
        if not is_finished(rule):
            yield about_element(
                "unfinished-rule",
                element,
                _("“%(element)s”: a rule for who is asked is not filled in."),
            )
        elif resolves is not None and not resolves(rule):
            dead.append(rule)
    for rule in dead:
        stops = each_counts or len(dead) == len(rules)
        yield about_element(
            "never-resolves",
            element,
            _("“%(element)s”: nobody can be found for “%(rule)s”."),
            Severity.ERROR if stops else Severity.WARNING,
            rule=rule_in_words(rule),
        )


def is_finished(rule: AssigneeRule) -> bool:
    """Whether the rule says what its kind needs."""
    match rule.kind:
        case AssigneeKind.PEOPLE:
            return bool(rule.people)
        case AssigneeKind.ROLE:
            return bool(rule.role)
        case AssigneeKind.PERSON_FIELD:
            return bool(rule.field)
        case AssigneeKind.COMMITTEE | AssigneeKind.APPLICANT | AssigneeKind.PREVIOUS:
            return True
    return 1 <= rule.level <= LEVEL_AT_MOST


def task_findings(
    element: CopyTask | ServiceTask,
    *,
    definition: Definition,
    resolves: Resolves | None,
    handlers: Callable[[str], bool] | None,
    closing: Callable[[str], bool] | None,
) -> Iterator[Finding]:
    """Copies need somebody, service tasks a handler that an app registered.

    ``closing`` knows the handlers that need the route's approval: somewhere behind them the
    route must approve with nobody deciding and nothing to wait for any more.
    """
    if isinstance(element, CopyTask):
        yield from assignee_findings(element, element.assignees, resolves)
    elif not element.handler:
        yield about_element(
            "no-handler", element, _("Choose what the system does at “%(element)s”.")
        )
    elif handlers is not None and not handlers(element.handler):
        yield about_element(
            "unknown-handler",
            element,
            _("“%(element)s”: the system knows no act “%(handler)s”."),
            handler=element.handler,
        )
    elif closing is not None and closing(element.handler):
        if _approves_at_once(definition, element.id):
            return
        yield about_element(
            "acts-too-early",
            element,
            _(
                "“%(element)s” does nothing before the document is approved: put it behind the "
                "last step that decides."
            ),
        )


def timer_findings(definition: Definition, timer: BoundaryTimer) -> Iterator[Finding]:
    """A timer sits on a stage, has a duration, starts something, and decides nothing."""
    if not isinstance(definition.elements.get(timer.attached_to), Stage):
        yield about_element(
            "timer-host", timer, _("The timer “%(element)s” must sit on an approval stage.")
        )
    if not is_duration(timer.duration):
        yield about_element(
            "timer-duration",
            timer,
            _("The timer “%(element)s” needs a duration such as PT4H or P1D, not “%(text)s”."),
            text=timer.duration[:40],
        )
    flows = definition.outgoing(timer.id)
    if not flows:
        yield about_element("timer-flow", timer, _("No flow leaves the timer “%(element)s”."))
        return
    for end in _ends_ahead(definition, timer.id, stops_at=_asks_somebody):
        if timer.is_interrupting or end.kind is not EndKind.APPROVED:
            yield about_element(
                "timer-decides",
                timer,
                _(
                    "The timer “%(element)s” would decide the case by itself: put a stage between "
                    "it and “%(end)s”. Time never decides."
                ),
                end=end.title(active_language()) or end.id,
            )


def is_duration(text: str) -> bool:
    """Whether the text is an ISO 8601 duration of more than nothing, and of a sensible length."""
    try:
        return duration_hours(text) <= HOURS_AT_MOST
    except ValueError:
        return False


def _asks_somebody(element: Element) -> bool:
    return isinstance(element, Stage) and not element.settings.passes_by_itself


def _approves_at_once(definition: Definition, element_id: str) -> bool:
    """Whether some way from the element ends in approval, with nobody and nothing to wait for."""

    def waits(element: Element) -> bool:
        is_join = (
            isinstance(element, Gateway)
            and element.kind is not GatewayKind.EXCLUSIVE
            and len(definition.incoming(element.id)) > 1
        )
        return is_join or _asks_somebody(element)

    ends = _ends_ahead(definition, element_id, stops_at=waits)
    return any(end.kind is EndKind.APPROVED for end in ends)


def _ends_ahead(
    definition: Definition, element_id: str, *, stops_at: Callable[[Element], bool]
) -> list[EndEvent]:
    found: dict[str, EndEvent] = {}
    seen: set[str] = set()
    todo = [flow.target for flow in definition.outgoing(element_id)]
    while todo:
        current = todo.pop()
        element = definition.elements.get(current)
        if current in seen or element is None or stops_at(element):
            continue
        seen.add(current)
        if isinstance(element, EndEvent):
            found[current] = element
        todo += [flow.target for flow in definition.outgoing(current)]
    return list(found.values())
