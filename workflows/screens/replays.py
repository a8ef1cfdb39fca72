"""The replay of a version: how far it is, how many go another way, and which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from lending_crm.common.pagination import KeysetPage, paginate
from staff.models import Employee
from workflows.definitions import definition_of, parse
from workflows.kinds import kind_for
from workflows.models import Case, FlowVersion, Replay, ReplayDifference

#: Ways of differing that are listed by name; the rest is found in the list of cases.
GROUPS = 20


@dataclass(frozen=True)
class Step:
    """One stage of a course, and whether the other course has it too."""

    title: str
    is_other: bool
    begins_wave: bool


@dataclass(frozen=True)
class ReplayRow:
    """One case: ``before`` and ``after`` as chains, and what differs in words."""

    case: Case
    number: int
    is_visible: bool
    before: Sequence[Step]
    after: Sequence[Step]
    words: Sequence[str]


@dataclass(frozen=True)
class Group:
    """Cases that differ in the same way."""

    signature: str
    count: int
    words: Sequence[str]


@dataclass(frozen=True)
class ReplayPage:
    version: FlowVersion
    replay: Replay | None
    groups: Sequence[Group] = ()
    chosen: str = ""
    page: KeysetPage[ReplayDifference] | None = None
    rows: Sequence[ReplayRow] = ()

    @property
    def same(self) -> int:
        return self.replay.seen - self.replay.changed if self.replay else 0


def latest_replay(version: FlowVersion) -> Replay | None:
    """The newest replay of a version; its result stands beside the publish button."""
    replay = version.replays.defer("bpmn").first()
    if replay is not None:
        replay.version = version
    return replay


def load_replay_page(
    version: FlowVersion, reader: Employee, *, chosen: str, cursor: str
) -> ReplayPage:
    """The newest replay of the version with its groups and one page of cases."""
    replay = version.replays.first()
    if replay is None:
        return ReplayPage(version, None)
    replay.version = version
    titles = Titles(version, replay.bpmn)
    groups = replay_groups(replay, titles)
    known = chosen if any(group.signature == chosen for group in groups) else ""
    found = replay.differences.select_related("case", "flow_version").defer("flow_version__bpmn")
    if known:
        found = found.filter(signature=known)
    page = paginate(found, order=["-id"], cursor=cursor, size=25)
    visible = visible_ids(reader, [each.case_id for each in page])
    rows = [_row(each, titles, is_visible=each.case_id in visible) for each in page]
    return ReplayPage(version, replay, groups, known, page, rows)


def visible_ids(reader: Employee, case_ids: Sequence[int]) -> set[int]:
    """Which of the cases the reader may open; an administrator sees few of them."""
    return set(Case.objects.visible_to(reader).filter(pk__in=case_ids).values_list("pk", flat=True))


class Titles:
    """Titles of stages, in the new route where it has them, else in the case's own."""

    def __init__(self, version: FlowVersion, bpmn: str) -> None:
        kind = version.definition.document_kind
        self.route = parse(bpmn, kind)
        self.facts = {fact.name: str(fact.label) for fact in kind_for(kind).condition_facts}
        self.language = get_language() or "zh-hans"

    def of(self, element_id: str, version_id: int) -> str:
        for route in (self.route, definition_of(version_id)):
            element = route.elements.get(element_id)
            if element is not None:
                return element.title(self.language) or element_id
        return element_id


def replay_groups(replay: Replay, titles: Titles) -> list[Group]:
    counted = (
        replay.differences.order_by()
        .values("signature")
        .annotate(number=Count("id"), sample=Min("id"))
        .order_by("-number", "signature")[:GROUPS]
    )
    rows = list(counted)
    samples = ReplayDifference.objects.in_bulk([row["sample"] for row in rows])
    return [
        Group(
            row["signature"],
            row["number"],
            difference_words(samples[row["sample"]], titles, with_people=False),
        )
        for row in rows
    ]


def _row(each: ReplayDifference, titles: Titles, *, is_visible: bool) -> ReplayRow:
    return ReplayRow(
        case=each.case,
        number=each.flow_version.number,
        is_visible=is_visible,
        before=_steps(each, titles, "before", "removed"),
        after=_steps(each, titles, "after", "added"),
        words=difference_words(each, titles),
    )


def _steps(each: ReplayDifference, titles: Titles, side: str, other: str) -> list[Step]:
    return [
        Step(titles.of(stage, each.flow_version_id), stage in each.detail[other], place == 0)
        for wave in each.detail[side]
        for place, stage in enumerate(wave)
    ]


def difference_words(
    each: ReplayDifference, titles: Titles, *, with_people: bool = True
) -> list[str]:
    """What a case would have met otherwise, one sentence a kind of change.

    Of a whole group (not ``with_people``): without names, which differ, but with the new order.
    """
    detail: Mapping[str, Any] = each.detail

    def names(ids: Sequence[str]) -> str:
        found = [titles.of(stage, each.flow_version_id) for stage in ids]
        return pgettext("between values", ", ").join(found)

    if missing := detail.get("missing_fact"):
        said = _("Nobody knows: the case was never asked for “%(fact)s”.")
        return [said % {"fact": titles.facts.get(missing, missing)}]
    if detail["stuck"]:
        said = _("No way through: the route stops at “%(place)s”.")
        return [said % {"place": names([detail["stuck"]])}]
    words = []
    if detail["added"]:
        words.append(_("Steps added: %(steps)s.") % {"steps": names(detail["added"])})
    if detail["removed"]:
        words.append(_("Steps left out: %(steps)s.") % {"steps": names(detail["removed"])})
    if detail["reordered"] and with_people:
        words.append(_("The steps come in another order."))
    elif detail["reordered"]:
        order = " → ".join(names(wave) for wave in detail["after"])
        words.append(_("The steps come in another order: %(steps)s.") % {"steps": order})
    if detail["ends"]:
        words.append(_("The route ends otherwise."))
    for stage, (were, are) in detail["people"].items():
        if with_people:
            values = {
                "step": names([stage]),
                "before": _people(were),
                "after": _people(are),
            }
            words.append(_("Other people at “%(step)s”: %(before)s → %(after)s.") % values)
        else:
            words.append(_("Other people at “%(step)s”.") % {"step": names([stage])})
    return words


def _people(names: Sequence[str]) -> str:
    if not names:
        return _("nobody")
    shown = pgettext("between values", ", ").join(names[:4])
    return f"{shown} …" if len(names) > 4 else shown
