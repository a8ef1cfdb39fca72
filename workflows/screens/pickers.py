"""Whom a picker offers: nobody whom the service would refuse."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from staff.models import Employee
from staff.ranks import Rank, ranks_of
from workflows.act import Act
from workflows.models import Stage, WorkItem
from workflows.recipients import recipient_refusal, signer_refusal

#: colleagues that one answer shows
SHOWN = 20
#: matches that are looked through for them; more text narrows the search
LOOKED_THROUGH = 300

Fits = Callable[[Employee, set[Rank]], bool]


def colleagues(reader: Employee, text: str) -> list[Employee]:
    """For copies and mentions: everybody who works here."""
    return _matching(reader, text)[:SHOWN]


def recipients(
    reader: Employee, text: str, *, item: WorkItem, signs: bool, now: datetime
) -> list[Employee]:
    """To whom the reader may transfer or delegate the item; with ``signs`` who may sign it too."""
    act = Act(item.case, actor=reader, now=now, while_suspended=True)
    stage = act.item(item.pk).stage
    if signs:
        return _offered(reader, text, lambda who, ranks: not signer_refusal(act, who, ranks))
    return _of_stage(reader, text, act, stage)


def successors(reader: Employee, text: str, *, stage: Stage, now: datetime) -> list[Employee]:
    """To whom an administrator may reassign the step."""
    act = Act(stage.process, actor=reader, now=now, while_suspended=True)
    return _of_stage(reader, text, act, stage)


def _of_stage(reader: Employee, text: str, act: Act, stage: Stage) -> list[Employee]:
    return _offered(reader, text, lambda who, ranks: not recipient_refusal(act, stage, who, ranks))


def _offered(reader: Employee, text: str, fits: Fits) -> list[Employee]:
    found = _matching(reader, text)
    ranks = ranks_of(person.pk for person in found)
    return [person for person in found if fits(person, ranks[person.pk])][:SHOWN]


def _matching(reader: Employee, text: str) -> list[Employee]:
    people = Employee.objects.visible_to(reader).active().search(text).exclude(pk=reader.pk)
    return list(
        people.select_related("branch", "department").order_by("employee_no")[:LOOKED_THROUGH]
    )
