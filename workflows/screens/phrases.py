"""常用语: what the two pages and the act dialogs show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from lending_crm.common.models import ChangeRecord
from staff.models import Employee
from staff.selectors import name_records
from workflows.choices import PhraseAct
from workflows.models import OpinionPhrase

MOST_CHANGES = 50


@dataclass(frozen=True)
class PhraseGroup:
    """The phrases of one act in their order."""

    act: str
    label: str
    phrases: Sequence[OpinionPhrase]


def phrases_for(reader: Employee) -> list[OpinionPhrase]:
    """What is offered at an opinion: his own phrases first, then everybody's, each once an act."""
    rows = OpinionPhrase.objects.filter(Q(owner=reader) | Q(owner=None))
    ordered = sorted(rows, key=lambda row: (row.owner_id is None, row.position, row.pk))
    found: dict[tuple[str, str], OpinionPhrase] = {}
    for row in ordered:
        found.setdefault((row.act, row.text), row)
    return list(found.values())


def own_phrases(reader: Employee) -> list[PhraseGroup]:
    """Only the acts for which he keeps some."""
    return [group for group in _groups(OpinionPhrase.objects.filter(owner=reader)) if group.phrases]


def common_phrases() -> list[PhraseGroup]:
    return _groups(OpinionPhrase.objects.filter(owner=None))


def phrase_changes() -> list[ChangeRecord]:
    """The latest changes of common phrases, newest first, each with the phrase as ``record``."""
    rows = ChangeRecord.objects.filter(model=OpinionPhrase._meta.label_lower)
    found = list(rows.select_related("actor").order_by("-id")[:MOST_CHANGES])
    name_records(found)
    return found


def _groups(rows: QuerySet[OpinionPhrase]) -> list[PhraseGroup]:
    found: dict[str, list[OpinionPhrase]] = {act: [] for act in PhraseAct.values}
    for row in rows.order_by("position", "id"):
        found[row.act].append(row)
    return [PhraseGroup(act, str(PhraseAct(act).label), rows) for act, rows in found.items()]
