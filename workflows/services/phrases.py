"""常用语: phrases for opinions, everybody's by the administrators and each person's own.

A phrase belongs to one act, so that a return is never offered what approves.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext_lazy as _

from lending_crm.common.changes import field_values, record_changes
from lending_crm.common.errors import DomainError, not_found
from lending_crm.common.text import clean_line
from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of
from workflows import errors
from workflows.choices import PhraseAct
from workflows.models import OpinionPhrase

#: phrases of one person, and common ones of one act
MOST_PHRASES = 30
PHRASE_LENGTH = 200
_LOGGED = ("act", "text")


@transaction.atomic
def add_phrase(*, actor: Employee, act: str, text: str) -> OpinionPhrase:
    """Keep a phrase of one's own; raises INB-03 when it is kept, INB-04, INB-05 above 30."""
    _lock(actor)
    own = OpinionPhrase.objects.filter(owner=actor)
    return _add(owner=actor, act=act, text=text, kept=own.count(), last=_last(own))


@transaction.atomic
def remove_phrase(*, actor: Employee, phrase_id: int) -> None:
    """Forget a phrase of one's own; somebody else's is not found."""
    deleted, _rows = OpinionPhrase.objects.filter(owner=actor, pk=phrase_id).delete()
    if not deleted:
        raise not_found()


@transaction.atomic
def add_common_phrase(*, actor: Employee, now: datetime, act: str, text: str) -> OpinionPhrase:
    """Offer a phrase to everybody at an act, behind the others of the act.

    Raises WF-31 for all but administrators, INB-03, INB-04, and INB-05 above 30 of the act.
    """
    _administrators_only(actor)
    rows = _lock_common(act)
    last = rows[-1].position if rows else 0
    phrase = _add(owner=None, act=act, text=text, kept=len(rows), last=last)
    _log(phrase, {}, field_values(phrase, _LOGGED), actor, now)
    return phrase


@transaction.atomic
def change_common_phrase(
    *, actor: Employee, now: datetime, phrase_id: int, text: str
) -> OpinionPhrase:
    """Word a common phrase anew. Raises WF-31, INB-03, INB-04."""
    _administrators_only(actor)
    phrase = _locked(phrase_id)
    before = field_values(phrase, _LOGGED)
    phrase.text = _cleaned(text)
    try:
        with transaction.atomic():
            phrase.save(update_fields=["text"])
    except IntegrityError as error:
        raise _kept_already() from error
    _log(phrase, before, field_values(phrase, _LOGGED), actor, now)
    return phrase


@transaction.atomic
def move_common_phrase(*, actor: Employee, now: datetime, phrase_id: int, up: bool) -> None:
    """Let a common phrase change places with the one before or after it in its act.

    The first one does not move up, nor the last one down. Raises WF-31.
    """
    _administrators_only(actor)
    phrase = _locked(phrase_id)
    rows = _lock_common(phrase.act)
    place = next(n for n, row in enumerate(rows) if row.pk == phrase_id)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(rows):
        return
    before = field_values(rows[place], ["position"])
    rows[place], rows[other] = rows[other], rows[place]
    for number, row in enumerate(rows, start=1):
        row.position = number
    OpinionPhrase.objects.bulk_update(rows, ["position"])
    _log(rows[other], before, field_values(rows[other], ["position"]), actor, now)


@transaction.atomic
def remove_common_phrase(*, actor: Employee, now: datetime, phrase_id: int) -> None:
    """Offer a common phrase no more; the change log keeps its words. Raises WF-31."""
    _administrators_only(actor)
    phrase = _locked(phrase_id)
    before = field_values(phrase, _LOGGED)
    _log(phrase, before, dict.fromkeys(_LOGGED, ""), actor, now)
    phrase.delete()


def _add(*, owner: Employee | None, act: str, text: str, kept: int, last: int) -> OpinionPhrase:
    text = _cleaned(text)
    if act not in PhraseAct.values:
        raise DomainError(
            "SYS-422", _("Choose the act that the phrase is for."), status=422, field="act"
        )
    if kept >= MOST_PHRASES:
        raise DomainError(
            "INB-05", _("At most %(n)s phrases can be kept."), params={"n": MOST_PHRASES}
        )
    try:
        with transaction.atomic():
            return OpinionPhrase.objects.create(owner=owner, act=act, text=text, position=last + 1)
    except IntegrityError as error:
        raise _kept_already() from error


def _cleaned(text: str) -> str:
    text = clean_line(text)
    if not text:
        raise DomainError("INB-04", _("Write the phrase first."), status=422, field="text")
    if len(text) > PHRASE_LENGTH:
        raise errors.too_long("text", PHRASE_LENGTH)
    return text


def _kept_already() -> DomainError:
    return DomainError("INB-03", _("This phrase is kept already."), field="text")


def _administrators_only(actor: Employee) -> None:
    if not roles_of(actor).has(RoleCode.ADM):
        raise errors.administrators_only()


def _lock(owner: Employee) -> None:
    """Two requests of one person are counted one after the other."""
    Employee.objects.select_for_update(of=("self",), no_key=True).get(pk=owner.pk)


def _last(own: QuerySet[OpinionPhrase]) -> int:
    return own.aggregate(last=Max("position"))["last"] or 0


def _lock_common(act: str) -> list[OpinionPhrase]:
    rows = OpinionPhrase.objects.select_for_update().filter(owner=None, act=act)
    return list(rows.order_by("position", "id"))


def _locked(phrase_id: int) -> OpinionPhrase:
    rows = OpinionPhrase.objects.select_for_update().filter(owner=None, pk=phrase_id)
    found = rows.first()
    if found is None:
        raise not_found()
    return found


def _log(
    phrase: OpinionPhrase,
    before: dict[str, str],
    after: dict[str, str],
    actor: Employee,
    now: datetime,
) -> None:
    record_changes(instance=phrase, before=before, after=after, actor=actor, now=now)
