"""The escalation ladder of a stage: who is told when how much of its time is used.

Time only tells and hands work on. None of the acts here approves or rejects.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from lxml import etree

from workflows.bpmn.json_input import JsonInput, field_path
from workflows.bpmn.namespaces import lending

RUNGS_AT_MOST = 5
PERCENT_AT_MOST = 1000


class Recipient(StrEnum):
    """Who hears of it: who holds the work, his superior, who is in charge of his branch or of
    head office (the organisation says who that is), the information administrators."""

    ASSIGNEE = "ASSIGNEE"
    SUPERIOR = "SUPERIOR"
    IN_CHARGE = "IN_CHARGE"
    ADMINISTRATOR = "ADMINISTRATOR"


class RungAct(StrEnum):
    """What happens besides the message: nothing, the superior is asked too, or instead."""

    TELL = "TELL"
    ADD_SUPERIOR = "ADD_SUPERIOR"
    HAND_OVER = "HAND_OVER"


@dataclass(frozen=True, order=True)
class Rung:
    """One step of the ladder, at ``percent`` of the stage's limit."""

    percent: int
    tell: frozenset[Recipient] = frozenset({Recipient.ASSIGNEE})
    act: RungAct = RungAct.TELL


#: a reminder at 80 %, the superior at 100 %, at 200 % who is in charge there and the
#: administrators (domain.md §2.3, SLA)
DEFAULT_LADDER = (
    Rung(80),
    Rung(100, frozenset({Recipient.ASSIGNEE, Recipient.SUPERIOR})),
    Rung(200, frozenset({Recipient.IN_CHARGE, Recipient.ADMINISTRATOR})),
)

RECIPIENT_WORDS = {
    Recipient.ASSIGNEE: _("who holds it"),
    Recipient.SUPERIOR: _("his superior"),
    Recipient.IN_CHARGE: _("who is in charge of his office"),
    Recipient.ADMINISTRATOR: _("the administrators"),
}
ACT_WORDS = {
    RungAct.TELL: _("only a message"),
    RungAct.ADD_SUPERIOR: _("the superior is asked too"),
    RungAct.HAND_OVER: _("the work goes to the superior"),
}


def is_sound(ladder: Iterable[Rung]) -> bool:
    """Whether every percentage is possible and stands there once, and every rung does something."""
    rungs = list(ladder)
    percents = [rung.percent for rung in rungs]
    return (
        len(rungs) <= RUNGS_AT_MOST
        and len(set(percents)) == len(percents)
        and all(0 < percent <= PERCENT_AT_MOST for percent in percents)
        and all(rung.tell or rung.act is not RungAct.TELL for rung in rungs)
    )


def ladder_in_words(ladder: Iterable[Rung]) -> list[str]:
    """One sentence a rung, in the active language."""
    found = []
    for rung in sorted(ladder):
        people = pgettext("between values", ", ").join(
            str(RECIPIENT_WORDS[who]) for who in Recipient if who in rung.tell
        )
        sentence = gettext("At %(percent)s %% of the time limit: a message to %(people)s.")
        if not people:
            sentence = gettext("At %(percent)s %% of the time limit: %(act)s.")
        elif rung.act is not RungAct.TELL:
            sentence = gettext(
                "At %(percent)s %% of the time limit: a message to %(people)s; %(act)s."
            )
        values = {"percent": rung.percent, "people": people, "act": ACT_WORDS[rung.act]}
        found.append(sentence % values)
    return found


# -- BPMN --------------------------------------------------------------------------------


def write_ladder(parent: etree._Element, ladder: Iterable[Rung]) -> None:
    """``lc:ladder`` is there also when it is empty: a stage without one has the default."""
    node = etree.SubElement(parent, lending("ladder"))
    for rung in ladder:
        child = etree.SubElement(node, lending("rung"))
        child.set("percent", str(rung.percent))
        child.set("tell", " ".join(who.value for who in Recipient if who in rung.tell))
        child.set("act", rung.act.value)


def read_ladder(node: etree._Element) -> tuple[Rung, ...]:
    """Raises ValueError for anything that is not a ladder."""
    found = []
    for child in node:
        if child.tag != lending("rung") or set(child.attrib) - {"percent", "tell", "act"}:
            raise ValueError(str(child.tag))
        percent = str(child.get("percent", ""))
        if not percent.isascii() or not percent.isdecimal() or len(percent) > 4:
            raise ValueError(percent)
        found.append(
            Rung(
                int(percent),
                frozenset(Recipient(who) for who in str(child.get("tell", "")).split()),
                RungAct(str(child.get("act", RungAct.TELL.value))),
            )
        )
    if len(found) > RUNGS_AT_MOST:
        raise ValueError(len(found))
    return tuple(found)


# -- JSON --------------------------------------------------------------------------------


def ladder_to_json(ladder: Iterable[Rung]) -> list[dict[str, Any]]:
    return [
        {
            "percent": rung.percent,
            "tell": [who.value for who in Recipient if who in rung.tell],
            "act": rung.act.value,
        }
        for rung in ladder
    ]


def ladder_from_json(json: JsonInput, data: Any, path: str) -> tuple[Rung, ...]:
    found = []
    for index, each in enumerate(json.items(data, path, RUNGS_AT_MOST)):
        at = f"{path}.{index}"
        rung = json.mapping(each, at, ("percent", "tell", "act"))
        tell = json.items(rung.get("tell", []), field_path(at, "tell"), len(Recipient))
        found.append(
            Rung(
                json.integer(rung.get("percent"), field_path(at, "percent"), 1, PERCENT_AT_MOST),
                frozenset(
                    json.choice(who, f"{at}.tell.{place}", Recipient, Recipient.ASSIGNEE)
                    for place, who in enumerate(tell)
                ),
                json.choice(
                    rung.get("act", RungAct.TELL), field_path(at, "act"), RungAct, RungAct.TELL
                ),
            )
        )
    return tuple(found)
