"""Which supervisions and reports the tasks ask for, worked out by the server.

A task stands for years of reports. Their days follow from its beginning and its interval, so the
server counts them off and hands over what a page shows, however many loans are running.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from postloan.models import SupervisionTask

# ``rows`` has the columns of ``_PATHS`` and what the caller reads besides. Period 0 is the
# supervision itself, due while it was never submitted. A report after the loan's due date is
# announced only when its day has come: a loan that is paid on its due date asks for none.
_DUE = """
FROM ({rows}) AS task ({columns})
CROSS JOIN LATERAL (
    SELECT 0, task.submit_by WHERE task.base_on IS NULL
    UNION ALL
    SELECT period, task.base_on + period * task.interval_days
    FROM generate_series(1, (%s::date - task.base_on) / task.interval_days) AS period
) AS due (period, due_on)
WHERE due.due_on BETWEEN %s AND %s
  AND (due.period = 0 OR due.due_on <= greatest(task.loan_due, %s::date))
  AND NOT EXISTS (
    SELECT FROM postloan_supervisionreport AS report
    WHERE report.supervision_id = task.supervision_id AND report.claimed_period = due.period
  )
"""
_PATHS = {
    "task_id": "pk",
    "submit_by": "submit_by",
    "supervision_id": "transfer__live_supervision",
    "base_on": "transfer__live_supervision__base_on",
    "interval_days": "transfer__live_supervision__interval_days",
    "loan_due": "transfer__loan__due_date",
}


Statement = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Span:
    """Due days from ``first`` to ``last``, as they stand on ``today``; the ``most`` earliest."""

    last: date
    today: date
    first: date = date.min
    most: int | None = None


def read_due(
    tasks: QuerySet[SupervisionTask], spans: Sequence[Span], *, paths: dict[str, str]
) -> list[list[dict[str, Any]]]:
    """What is due in each of the spans and not reported, the earliest first. One query.

    Each with ``task_id``, ``period``, ``due_on``, ``supervision_id``, ``loan_due`` and what
    ``paths`` lead to from the task, by name.
    """
    found: list[list[dict[str, Any]]] = [[] for _span in spans]
    parts = []
    try:
        for number, span in enumerate(spans):
            due, values = _due(tasks, span, {**_PATHS, **paths})
            limit = "" if span.most is None else f" LIMIT {span.most:d}"
            order = f"ORDER BY due.due_on, task.task_id, due.period{limit}"
            parts.append((f"SELECT {number:d}, task.*, due.* {due} {order}", values))
    except EmptyResultSet:  # somebody who sees no customer
        return found
    names = [*_PATHS, *paths, "period", "due_on"]
    for number, *row in rows_of(parts):
        found[number].append(dict(zip(names, row, strict=True)))
    return found


def counting_due(tasks: QuerySet[SupervisionTask], span: Span) -> Statement:
    """The statement that counts how many are due on each day of the span that has any."""
    due, values = _due(tasks, span, _PATHS)
    return f"SELECT due.due_on, count(*) {due} GROUP BY due.due_on", values


def rows_of(statements: Sequence[Statement]) -> list[tuple[Any, ...]]:
    """The rows of all of them, by one query."""
    text = " UNION ALL ".join(f"({text})" for text, _values in statements)
    with connection.cursor() as cursor:
        cursor.execute(text, [value for _text, values in statements for value in values])
        return list(cursor.fetchall())


def _due(tasks: QuerySet[SupervisionTask], span: Span, columns: dict[str, str]) -> Statement:
    rows, values = tasks.order_by().values_list(*columns.values()).query.sql_with_params()
    # All of it is names and what Django has compiled.
    due = _DUE.format(rows=rows, columns=", ".join(columns))
    return due, (*values, span.last, span.first, span.last, span.today)
