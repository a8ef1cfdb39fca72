"""编号: `{prefix}-{branch code}-{yyyyMMdd}-{3 digits}`, never given twice (domain.md §0)."""

from __future__ import annotations

from datetime import date

from django.db import connection

from staff.models import Branch

_NEXT = """
    INSERT INTO documents_numbercounter AS counter (prefix, branch_code, day, last_number)
    VALUES (%s, %s, %s, 1)
    ON CONFLICT (prefix, branch_code, day)
    DO UPDATE SET last_number = counter.last_number + 1
    RETURNING last_number
"""


def next_number(prefix: str, branch: Branch, *, day: date) -> str:
    """Take the next number of ``prefix`` in ``branch`` on ``day``; after 999 it grows longer.

    One statement takes and keeps the counter's row until the transaction ends, so two
    people never get the same number. A number whose transaction is rolled back was never
    seen by anybody and is given again. The counter goes by the branch's code, not its id:
    two branches that exchange codes must not repeat each other's numbers.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [prefix, branch.code, day])
        (number,) = cursor.fetchone()
    return f"{prefix}-{branch.code}-{day:%Y%m%d}-{number:03d}"
