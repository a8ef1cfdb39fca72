"""Cases that have ended, cheaply: replay and forecast look at many of them."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Any

from django.db import connection

from applications.flows import BusinessApplicationFlow
from tests.workflows.world import NOW, World
from workflows.models import Case


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
    """So many more cases like the one given, by a few statements."""
    columns = [
        f.column for f in Case._meta.concrete_fields if f.column not in ("id", "document_id")
    ]
    names = ", ".join(f'"{column}"' for column in columns)
    table = Case._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}, document_id) SELECT {names}, -n"
            f" FROM {table}, generate_series(1, %s) n WHERE id = %s",
            [number, model.pk],
        )


def resident() -> int:
    """Bytes of memory that this process holds."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
