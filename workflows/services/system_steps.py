"""What came of a service task, put on record afterwards: its work is done by the worker."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.functional import Promise

from workflows.act import Act, lock_case
from workflows.choices import EventKind
from workflows.models import Case
from workflows.service_tasks import outcome_of


@transaction.atomic
def note_system_step(
    *, case_id: int, title: str, title_en: str, said: str | Promise, now: datetime
) -> Case:
    """Say in the history what the system did at the step with these titles, or why it did not.

    ``said`` is kept in both languages. The case may have ended meanwhile.
    """
    act = Act(lock_case(pk=case_id), actor=None, now=now, while_suspended=True)
    act.record(EventKind.SYSTEM_STEP, data=outcome_of(title, title_en, said))
    return act.commit()
