"""Stages in sentences: who decides, how, until when; and how far a case has come there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext, pgettext, pgettext_lazy

from workflows.bpmn.ladder import DEFAULT_LADDER, ladder_in_words
from workflows.bpmn.model import (
    AssigneeKind,
    AssigneeRule,
    DecideMode,
    OnEmpty,
    OnHandler,
    OnSamePerson,
    RoleReach,
    StageAction,
    StageSettings,
)
from workflows.bpmn.theme import Mark, State

#: ('person', 17) -> '王强', ('role', 'BRM') -> '分公司风控经理', ('field', 'surveyor') -> '尽调人'
Resolve = Callable[[Literal["person", "role", "field"], int | str], str]

DECIDE_WORDS: Mapping[DecideMode, Promise] = {
    DecideMode.ANY: pgettext_lazy("how a stage decides", "one of them decides"),
    DecideMode.ALL: pgettext_lazy("how a stage decides", "all of them must agree"),
    DecideMode.SEQUENCE: pgettext_lazy("how a stage decides", "one after the other must agree"),
    DecideMode.VOTE: pgettext_lazy("how a stage decides", "they vote"),
}
ACTION_WORDS: Mapping[StageAction, Promise] = {
    StageAction.APPROVE: pgettext_lazy("action", "approve"),
    StageAction.APPROVE_WITH_CONDITIONS: pgettext_lazy("action", "approve with conditions"),
    StageAction.RETURN: pgettext_lazy("action", "return"),
    StageAction.REJECT: pgettext_lazy("action", "reject"),
    StageAction.ABSTAIN: pgettext_lazy("action", "abstain"),
    StageAction.TRANSFER: pgettext_lazy("action", "transfer"),
    StageAction.ADD_SIGNERS: pgettext_lazy("action", "add signers"),
    StageAction.DELEGATE: pgettext_lazy("action", "delegate"),
    StageAction.REQUEST_MATERIAL: pgettext_lazy("action", "request material"),
    StageAction.COPY: pgettext_lazy("action", "copy"),
}
_REACH_WORDS: Mapping[RoleReach, Promise] = {
    RoleReach.HEAD_OFFICE: pgettext_lazy("assignee", "%(role)s at head office"),
    RoleReach.BRANCH: pgettext_lazy("assignee", "%(role)s of the document's branch"),
    RoleReach.DEPARTMENT: pgettext_lazy("assignee", "%(role)s of the document's department"),
    RoleReach.ANYWHERE: pgettext_lazy("assignee", "%(role)s anywhere"),
}


def plain_names(kind: Literal["person", "role", "field"], key: int | str) -> str:
    """Ids and codes as they are stored, where nobody knows names."""
    return str(key)


def rule_in_words(rule: AssigneeRule, resolve: Resolve = plain_names) -> str:
    """Who one assignee rule asks, in the active language."""
    match rule.kind:
        case AssigneeKind.PEOPLE:
            people = [resolve("person", person) for person in rule.people]
            return pgettext("between names", ", ").join(people) or gettext("nobody yet")
        case AssigneeKind.ROLE:
            if not rule.role:
                return gettext("nobody yet")
            return str(_REACH_WORDS[rule.reach]) % {"role": resolve("role", rule.role)}
        case AssigneeKind.SUPERIOR:
            if rule.level <= 1:
                return gettext("the handler's direct superior")
            return gettext("the handler's superior at level %(level)s") % {"level": rule.level}
        case AssigneeKind.SUPERIOR_CHAIN:
            return gettext("the handler's superiors up to level %(level)s") % {"level": rule.level}
        case AssigneeKind.PERSON_FIELD:
            return gettext("the person in the field “%(field)s”") % {
                "field": resolve("field", rule.field)
            }
        case AssigneeKind.COMMITTEE:
            return gettext("the committee, its chair with a veto")
        case AssigneeKind.APPLICANT | AssigneeKind.PREVIOUS:
            return _chosen_in_words(rule, resolve)
    raise ValueError(rule.kind)


def _chosen_in_words(rule: AssigneeRule, resolve: Resolve) -> str:
    by_applicant = rule.kind is AssigneeKind.APPLICANT
    if not rule.role:
        if by_applicant:
            return gettext("whom the applicant chooses")
        return gettext("whom the approver before chooses")
    among = str(_REACH_WORDS[rule.reach]) % {"role": resolve("role", rule.role)}
    if by_applicant:
        return gettext("whom the applicant chooses among %(who)s") % {"who": among}
    return gettext("whom the approver before chooses among %(who)s") % {"who": among}


def assignees_in_words(rules: Sequence[AssigneeRule], resolve: Resolve = plain_names) -> str:
    if not rules:
        return gettext("nobody yet")
    return pgettext("between names", ", ").join(rule_in_words(rule, resolve) for rule in rules)


def stage_words(
    settings: StageSettings, resolve: Resolve = plain_names, *, language: str | None = None
) -> list[str]:
    """A stage's settings as sentences: who, how, until when, and what is demanded."""
    with translation.override(language or get_language()):
        return [
            who_and_how(settings, resolve),
            *_votes(settings, resolve),
            *_demands(settings),
            *_exceptions(settings, resolve),
        ]


def who_and_how(settings: StageSettings, resolve: Resolve) -> str:
    return gettext("Decided by %(who)s: %(how)s.") % {
        "who": assignees_in_words(settings.assignees, resolve),
        "how": str(DECIDE_WORDS[settings.decide]),
    }


def _votes(settings: StageSettings, resolve: Resolve) -> list[str]:
    if settings.decide is not DecideMode.VOTE:
        return []
    vote = settings.vote
    found = [
        gettext("Quorum %(quorum)s, pass ratio %(ratio)s of the weight.")
        % {"quorum": vote.quorum, "ratio": vote.pass_ratio}
    ]
    if vote.is_secret:
        found.append(gettext("The vote is secret."))
    for rule in settings.assignees:
        who = rule_in_words(rule, resolve)
        if rule.weight != 1:
            found.append(
                gettext("A vote of %(who)s counts %(weight)s times.")
                % {"who": who, "weight": rule.weight}
            )
        if rule.has_veto:
            found.append(gettext("%(who)s: with a veto.") % {"who": who})
    return found


def _demands(settings: StageSettings) -> list[str]:
    found = [
        gettext("Actions: %(actions)s.")
        % {
            "actions": pgettext("between values", ", ").join(
                str(ACTION_WORDS[action]) for action in StageAction if action in settings.actions
            )
        }
    ]
    if settings.limit_hours is not None:
        found.append(
            gettext("Due within %(hours)s working hours.")
            % {"hours": f"{settings.limit_hours.normalize():f}"}
        )
    if settings.limit_hours is not None and settings.ladder != DEFAULT_LADDER:
        found += ladder_in_words(settings.ladder) or [gettext("Nobody is told when time runs out.")]
    if settings.claim_required:
        found.append(gettext("Must be claimed first."))
    if settings.opinion_required:
        found.append(gettext("An opinion is required."))
    if settings.attachment_required:
        found.append(gettext("An attachment is required."))
    if settings.signature_required:
        found.append(gettext("A signature is required."))
    comma = pgettext("between values", ", ")
    if settings.hidden_fields:
        names = comma.join(settings.hidden_fields)
        found.append(gettext("Hidden here: %(fields)s.") % {"fields": names})
    if settings.editable_fields:
        names = comma.join(settings.editable_fields)
        found.append(gettext("May be corrected here: %(fields)s.") % {"fields": names})
    if settings.authority_level is not None:
        found.append(
            gettext("Approval authority: level %(level)s.") % {"level": settings.authority_level}
        )
    return found


def _exceptions(settings: StageSettings, resolve: Resolve) -> list[str]:
    match settings.on_empty:
        case OnEmpty.STOP:
            found = [gettext("Nobody found: the case stops and an administrator is told.")]
        case OnEmpty.SUPERIOR:
            found = [gettext("Nobody found: the next superior decides.")]
        case OnEmpty.PERSON:
            person = settings.empty_person
            found = [
                gettext("Nobody found: %(who)s decides.")
                % {"who": resolve("person", person) if person else gettext("nobody yet")}
            ]
    if settings.on_handler is OnHandler.SUPERIOR:
        found.append(gettext("The handler himself is asked: the next superior decides."))
    else:
        found.append(gettext("The handler himself is asked: the others decide without him."))
    if settings.on_same_person is OnSamePerson.AUTO_PASS:
        found.append(gettext("Decided before in this round: passed automatically."))
    else:
        found.append(gettext("Decided before in this round: somebody else is asked."))
    return found


def progress_in_words(mark: Mark | None) -> str:
    """How far a case has come at a stage, as one sentence in the active language."""
    if mark is None or mark.state is State.NOT_REACHED:
        return gettext("Not reached.")
    people = pgettext("between names", ", ").join(mark.people) or gettext("the system")
    when = timezone.localtime(mark.at).strftime("%Y-%m-%d %H:%M") if mark.at else ""
    match mark.state:
        case State.SKIPPED:
            return gettext("Skipped.")
        case State.CURRENT:
            if mark.waiting_hours is None:
                return gettext("Waiting for %(people)s.") % {"people": people}
            hours = f"{float(mark.waiting_hours):.1f}".removesuffix(".0")
            return ngettext(
                "Waiting for %(people)s for %(hours)s hour.",
                "Waiting for %(people)s for %(hours)s hours.",
                1 if hours == "1" else 2,
            ) % {"people": people, "hours": hours}
        case State.DONE:
            sentence = gettext("Approved by %(people)s, %(when)s.")
        case State.RETURNED:
            sentence = gettext("Returned by %(people)s, %(when)s.")
        case _:
            sentence = gettext("Rejected by %(people)s, %(when)s.")
    return sentence % {"people": people, "when": when or gettext("time unknown")}
