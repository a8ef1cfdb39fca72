"""字典: keep the words, the order and the offer of a value list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lending_crm.common.changes import changed_fields, field_values
from lending_crm.common.dictionary import ValueList, read_words
from lending_crm.common.errors import DomainError, refuse_all
from lending_crm.common.models import ChangeRecord, DictionaryWord
from lending_crm.common.text import clean_line
from staff.models import Employee
from staff.rules import require_keeper

FIELDS = ("zh", "en", "position", "is_offered")
#: a place in the order
LAST_POSITION = 999


@dataclass(frozen=True)
class Kept:
    """What is typed for one code; an empty word is said as the product ships it."""

    zh: str
    en: str
    position: int
    is_offered: bool


@transaction.atomic
def keep_value_list(
    *,
    of: ValueList,
    words: Mapping[str, Kept],
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> None:
    """Keep the whole list; codes that are not named stay as they are.

    Raises ORG-02 for all but the information administrator, DIC-02 for a word that is too long
    or stands there twice, DIC-03 where nothing is offered any more and DIC-04 for a code that a
    rule needs. Words of documents that are submitted stay in their snapshots.
    """
    require_keeper(actor)
    rows = _locked_rows(of)
    typed = {code: _cleaned(kept) for code, kept in words.items() if code in rows}
    standing = {
        code: Kept(row.zh, row.en, row.position, row.is_offered) for code, row in rows.items()
    } | typed
    refuse_all(_refusals(of, standing))
    changes: list[ChangeRecord] = []
    for code, kept in typed.items():
        row = rows[code]
        before = field_values(row, FIELDS)
        row.zh, row.en = kept.zh, kept.en
        row.position, row.is_offered = kept.position, kept.is_offered
        changes += changed_fields(
            instance=row,
            before=before,
            after=field_values(row, FIELDS),
            actor=actor,
            now=now,
            ip=ip,
        )
    DictionaryWord.objects.bulk_update(rows.values(), FIELDS)
    ChangeRecord.objects.bulk_create(changes)
    transaction.on_commit(read_words)


def _locked_rows(of: ValueList) -> dict[str, DictionaryWord]:
    """One row a code, made as the list ships where it has none yet."""
    DictionaryWord.objects.bulk_create(
        [
            DictionaryWord(list_code=of.code, code=code, position=place)
            for place, code in enumerate(of.choices.values, start=1)
        ],
        ignore_conflicts=True,
    )
    rows = DictionaryWord.objects.select_for_update(no_key=True).filter(list_code=of.code)
    known = set(of.choices.values)
    return {row.code: row for row in rows.order_by("pk") if row.code in known}


def _cleaned(kept: Kept) -> Kept:
    return Kept(clean_line(kept.zh), clean_line(kept.en), kept.position, kept.is_offered)


def _refusals(of: ValueList, words: Mapping[str, Kept]) -> Iterator[DomainError]:
    for name in ("zh", "en"):
        limit = DictionaryWord._meta.get_field(name).max_length or 0  # type: ignore[union-attr]
        seen: set[str] = set()
        for code, kept in words.items():
            word = getattr(kept, name)
            if len(word) > limit:
                yield _refused(
                    "DIC-02",
                    _("A word has at most %(limit)s characters."),
                    f"{code}.{name}",
                    limit=limit,
                )
            elif word and word in seen:
                yield _refused(
                    "DIC-02", _("“%(word)s” stands in the list twice."), f"{code}.{name}", word=word
                )
            seen.add(word)
    for code, kept in words.items():
        if not 1 <= kept.position <= LAST_POSITION:
            yield _refused(
                "DIC-02",
                _("The order is a number from 1 to %(last)s."),
                f"{code}.position",
                last=LAST_POSITION,
            )
        if code in of.fixed and not kept.is_offered:
            yield _refused(
                "DIC-04",
                _("“%(word)s” is needed by a rule and stays on offer."),
                f"{code}.is_offered",
                word=of.choices(code).label,
            )
    if not any(kept.is_offered for kept in words.values()):
        yield DomainError("DIC-03", _("A list offers at least one value."), status=422)


def _refused(code: str, sentence: str | Promise, field: str, **params: object) -> DomainError:
    return DomainError(code, sentence, status=422, field=field, params=params)
