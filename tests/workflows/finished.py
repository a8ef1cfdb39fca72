"""Cases that have ended, cheaply: replay and forecast look at many of them."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Model

from applications.flows import BusinessApplicationFlow
from tests.workflows.world import NOW, World
from workflows.models import Case, Stage, Timer, WorkItem

_COPY = "(SELECT id FROM workflows_case WHERE document_kind = 'toy' AND document_id = -n)"
_STAGE_OF_COPY = f"(SELECT id FROM workflows_stage s WHERE s.process_id = {_COPY})"


def finished_case(world: World, **values: Any) -> Case:
    """A case as if it had been approved; only what a replay reads is there."""
    document = world.document(**values)
    case = Case(
        flow_class=BusinessApplicationFlow,
        document_kind="toy",
        document_id=document.pk,
        doc_no=document.doc_no,
        subject=document.subject,
        flow_version=world.version,
        submitted_at=NOW,
        created=NOW,
        finished=NOW,
        state="APPROVED",
        handler=world.am,
        creator=world.am,
        branch=world.branch,
        department=world.sales,
        facts={"level": values.get("level", 1), "amount": values.get("amount", "100000.00")},
    )
    case.save(force_insert=True)
    return case


def many(model: Case, number: int) -> None:
    """So many more cases like the one given, by one statement."""
    _copy(Case, number, {"document_id": "-n"}, model.pk)


def many_running(model: Case, number: int) -> None:
    """The same, each with the one open stage and work item of the case."""
    many(model, number)
    _copy(Stage, number, {"process_id": _COPY}, model.stages.get(finished=None).pk)
    other = {"case_id": _COPY, "stage_id": _STAGE_OF_COPY}
    _copy(WorkItem, number, other, model.items.get().pk)


def many_timers(timer: Timer, number: int) -> None:
    """The timer of a case once more for each of its running copies."""
    _copy(Timer, number, {"stage_id": _STAGE_OF_COPY}, timer.pk)


def _copy(model: type[Model], number: int, other: dict[str, str], pk: int) -> None:
    """Copies 1 to ``number`` (n) of a row; ``other`` gives columns that differ, as SQL."""
    columns = [f.column for f in model._meta.concrete_fields if f.column not in ("id", *other)]
    names = ", ".join(f'"{column}"' for column in [*columns, *other])
    values = ", ".join([*(f't."{column}"' for column in columns), *other.values()])
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {values}"
            f" FROM {table} t, generate_series(1, %s) n WHERE t.id = %s",
            [number, pk],
        )


def resident() -> int:
    """Bytes of memory that this process holds."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
