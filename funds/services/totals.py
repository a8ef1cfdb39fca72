"""Keep the totals of the journal few."""

from __future__ import annotations

from django.db import connection

_COLUMNS = "day, kind, entries, principal, interest, penalty, fee, cash, income"

# One statement: whoever reads meanwhile sees the rows before or the rows after, never both.
_FOLD = f"""
WITH many AS (
    SELECT day, kind FROM funds_ledgertotal GROUP BY day, kind HAVING count(*) > 1
), taken AS (
    DELETE FROM funds_ledgertotal total USING many
    WHERE total.day = many.day AND total.kind = many.kind
    RETURNING total.*
)
INSERT INTO funds_ledgertotal ({_COLUMNS})
SELECT day, kind, sum(entries), sum(principal), sum(interest), sum(penalty), sum(fee),
    sum(cash), sum(income)
FROM taken GROUP BY day, kind
"""  # noqa: S608


def fold_totals() -> int:
    """Make one row of the totals of each day and kind; returns how many days and kinds had more.

    What is booked meanwhile stays a row of its own until the next run. Two runs at once take
    each row once: the later one finds it gone.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FOLD)
        return int(cursor.rowcount)
