"""The rows of one decision in as few statements as SQL needs, through psycopg alone."""

from __future__ import annotations

from typing import Any

import psycopg

_CASTS = {"decided_by_id": "bigint", "assignee_id": "bigint", "decided_at": "timestamptz"}


class ByHand:
    """The same rows in as few statements as SQL needs.

    ``event_id`` is a history event that new ones are copied from.
    """

    def __init__(self, connection: psycopg.Connection[Any], event_id: int) -> None:
        self.connection = connection
        self.event_id = event_id
        self.columns = {
            table: [
                row[0]
                for row in connection.execute(
                    "SELECT column_name FROM information_schema.columns"
                    " WHERE table_name = %s AND column_name <> 'id' ORDER BY ordinal_position",
                    [table],
                )
            ]
            for table in (
                "workflows_stage",
                "workflows_workitem",
                "workflows_historyevent",
                "workflows_timer",
                "common_outboxmessage",
            )
        }

    def run(self, sql: str, *values: Any) -> Any:
        return self.connection.execute(sql, values)  # type: ignore[arg-type]

    def copy(self, table: str, key: int, *, by: str = "id", **changed: Any) -> int:
        """Insert rows like the ones found by the key, with some columns changed."""
        names = self.columns[table]
        shown = [f"%s::text::{kind}" if (kind := _CASTS.get(n)) and n in changed else
                 ("%s" if n in changed else n) for n in names]  # fmt: skip
        found = self.run(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(shown)}"
            f" FROM {table} WHERE {by} = %s RETURNING id",
            *(changed[n] for n in names if n in changed),
            key,
        )
        return int(found.fetchone()[0])

    def decide(self, item_id: int, actor_id: int) -> None:
        with self.connection.transaction():
            case_id, count, last_hash = self.run(
                "SELECT c.id, c.event_count, c.last_hash FROM workflows_case c"
                " JOIN workflows_workitem i ON i.case_id = c.id WHERE i.id = %s FOR UPDATE OF c",
                item_id,
            ).fetchone()
            stage_id = self.run(
                "UPDATE workflows_workitem SET state = 'DECIDED', decision = 'APPROVE',"
                " opinion = '同意', assignee_id = %s, decided_by_id = %s, decided_at = now()"
                " WHERE id = %s RETURNING stage_id",
                actor_id, actor_id, item_id,
            ).fetchone()[0]  # fmt: skip
            new_stage = self.copy("workflows_stage", stage_id, node_id="brm", title="风控")
            self.run(
                "UPDATE workflows_stage SET status = 'DONE', outcome = 'APPROVED',"
                " finished = now() WHERE id = %s",
                stage_id,
            )
            self.copy(
                "workflows_workitem", item_id, stage_id=new_stage, state="OPEN", decision="",
                opinion="", decided_by_id=None, decided_at=None, assignee_id=None,
            )  # fmt: skip
            self.copy("workflows_timer", stage_id, by="stage_id", stage_id=new_stage)
            self.copy(
                "workflows_historyevent", self.event_id, case_id=case_id, stage_id=stage_id,
                sequence=count + 1, kind="APPROVED", opinion="同意",
                previous_hash=last_hash, hash="0" * 64,
            )  # fmt: skip
            self.run(
                "UPDATE workflows_case SET version = version + 1, event_count = %s,"
                " news_sequence = %s, last_hash = %s, tokens = '[[\"brm\", \"\"]]' WHERE id = %s",
                count + 1, count + 1, "0" * 64, case_id,
            )  # fmt: skip
            self.run(
                "INSERT INTO common_outboxmessage"
                " (topic, payload, created_at, due_at, attempts, last_error)"
                " VALUES ('notify', '{}', now(), now(), 0, '')"
            )
