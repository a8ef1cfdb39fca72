"""Triggers that tables of several apps share."""

from __future__ import annotations

import pgtrigger


def kept_by_triggers(column: str) -> pgtrigger.Trigger:
    """For a column that triggers alone write: a row that is saved whole leaves it as it is.

    Whoever read the row earlier would write back what it was then.
    """
    return pgtrigger.Trigger(
        name=f"{column}_kept",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf(column),
        condition=pgtrigger.Condition(
            f"OLD.{column} IS DISTINCT FROM NEW.{column} AND pg_trigger_depth() = 0"
        ),
        func=f"NEW.{column} := OLD.{column}; RETURN NEW;",
    )
