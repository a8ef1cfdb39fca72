"""修改记录 of what an approval books: by which document, and who decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import translation

from lending_crm.common.changes import field_values, record_changes
from staff.models import Employee

if TYPE_CHECKING:
    from django.db.models import Model

    from workflows.kinds import StageDecision
    from workflows.models import Case


@contextmanager
def booked_by_approval(
    record: Model,
    names: Sequence[str],
    *,
    case: Case,
    decisions: Sequence[StageDecision],
    now: datetime,
) -> Iterator[None]:
    """Log what the block writes to the named fields of ``record``: read again after it.

    For ``DocumentKind.conclude``, of which ``case`` and ``decisions`` come.
    """
    before = _values(record, names)
    yield
    record.refresh_from_db(fields=names)
    record_booking(
        instance=record,
        before=before,
        after=_values(record, names),
        case=case,
        decisions=decisions,
        now=now,
    )


def record_booking(
    *,
    instance: Model,
    before: dict[str, str],
    after: dict[str, str],
    case: Case,
    decisions: Sequence[StageDecision],
    now: datetime,
) -> None:
    """Log what ``case``'s approval changed: by who decided, or by the names of all who did."""
    if before == after:
        return
    people = Employee.objects.in_bulk({each.employee_id for each in decisions})
    deciders = [people[pk] for pk in dict.fromkeys(each.employee_id for each in decisions)]
    alone = deciders[0] if len(deciders) == 1 else None
    record_changes(
        instance=instance,
        before=before,
        after=after,
        actor=alone,
        now=now,
        approval=case.doc_no,
        deciders="" if alone else "、".join(person.name for person in deciders),
    )


def _values(record: Model, names: Sequence[str]) -> dict[str, str]:
    """In Chinese, the language of record."""
    with translation.override("zh-hans"):
        return field_values(record, names)
