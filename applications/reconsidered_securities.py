"""担保调整 (M6): other securities than the application had, and their way to the business."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import translation

from applications.models import BusinessApplication, GuaranteeItem, Reconsideration
from applications.row_tables import GUARANTEE_ITEMS, RECONSIDERED_SECURITIES
from documents.booking import record_booking
from documents.engine_door import engine_writes
from documents.rows import replace_rows, texts_of

if TYPE_CHECKING:
    from workflows.kinds import StageDecision
    from workflows.models import Case


def offers_other_securities(document: Reconsideration) -> bool:
    """Whether it lists something that the application does not: its papers are not there yet."""
    known = {_what(row) for row in GUARANTEE_ITEMS.typed(document.origin)}
    return any(_what(row) not in known for row in RECONSIDERED_SECURITIES.typed(document))


def take_over_securities(
    document: Reconsideration,
    *,
    case: Case,
    decisions: Sequence[StageDecision],
    now: datetime,
) -> None:
    """The list of the business becomes that of the reconsideration; its change log keeps both.

    The rejected application's own record keeps the former list in the snapshot of its case.
    """
    origin = document.origin
    rows = [
        GuaranteeItem(position=index, lendable=row.lendable, **values)
        for index, (row, values) in enumerate(
            zip(
                RECONSIDERED_SECURITIES.stored(document),
                RECONSIDERED_SECURITIES.typed(document),
                strict=True,
            )
        )
    ]
    before = _texts(origin)
    with engine_writes():
        replace_rows((GUARANTEE_ITEMS,), origin, {GUARANTEE_ITEMS.name: rows})
    record_booking(
        instance=origin,
        before=before,
        after=_texts(origin),
        case=case,
        decisions=decisions,
        now=now,
    )


def _what(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["kind"], row["name"], row["owner_name"]


def _texts(origin: BusinessApplication) -> dict[str, str]:
    with translation.override("zh-hans"):
        return texts_of([GUARANTEE_ITEMS.snapshot(origin)])
