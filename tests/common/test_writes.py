"""Many rows of several tables in one statement."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext

import pytest

from lending_crm.common.crypto import EncryptedTextField
from lending_crm.common.models import OutboxMessage
from lending_crm.common.writes import Writes, _takes_as_it_is, reserve_keys

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)


def message(topic: str, **payload: object) -> OutboxMessage:
    return OutboxMessage(topic=topic, payload=payload, created_at=NOW, due_at=NOW)


def stored(topic: str) -> OutboxMessage:
    made = message(topic)
    made.save()
    return made


class TestSend:
    def test_writes_new_and_changed_rows_with_one_statement(self) -> None:
        first, second, third = stored("a"), stored("b"), stored("c")
        first.last_error = second.last_error = "the same"
        third.last_error, third.attempts = "another %s 王", 3
        new = [message("d", 款="100%"), message("e")]
        writes = Writes()
        for row in (first, second, third):
            writes.update(row, ("last_error", "attempts"))
        writes.insert(new)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            writes.send()
        assert len(seen) == 1
        kept = OutboxMessage.objects.order_by("id").values_list("topic", "last_error", "attempts")
        assert list(kept) == [
            ("a", "the same", 0), ("b", "the same", 0), ("c", "another %s 王", 3),
            ("d", "", 0), ("e", "", 0),
        ]  # fmt: skip
        assert [OutboxMessage.objects.get(pk=row.pk).payload for row in new] == [{"款": "100%"}, {}]

    def test_tells_long_values_apart_that_begin_alike(self) -> None:
        first, second = stored("a"), stored("b")
        first.payload, second.payload = {"x": "长" * 500 + "1"}, {"x": "长" * 500 + "2"}
        writes = Writes()
        writes.update(first, ("payload",))
        writes.update(second, ("payload",))
        writes.send()
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.payload["x"][-1], second.payload["x"][-1]) == ("1", "2")

    def test_rows_whose_same_fields_change_share_a_part(self) -> None:
        rows = [stored(topic) for topic in "abc"]
        writes = Writes()
        for number, row in enumerate(rows):
            row.attempts, row.parked_at = number, NOW if number else None
            writes.update(row, ("attempts", "parked_at"))
        with CaptureQueriesContext(connection) as seen:
            writes.send()
        assert seen[0]["sql"].count("UPDATE") == 1
        kept = OutboxMessage.objects.order_by("id").values_list("attempts", "parked_at")
        assert list(kept) == [(0, None), (1, NOW), (2, NOW)]

    @pytest.mark.parametrize(
        "payload",
        ["text", 0, 1.5, True, [], {"a": None}, {"b": ["1", 2, {"c": "\"'\\ % \n 王"}]}],
        ids=repr,
    )
    def test_stores_json_as_django_does(self, payload: object) -> None:
        sent, saved = message("a"), message("a")
        sent.payload = saved.payload = payload
        saved.save()
        writes = Writes()
        writes.insert([sent])
        writes.send()
        kept = OutboxMessage.objects.filter(pk__in=[sent.pk, saved.pk])
        assert [row.payload for row in kept] == [payload, payload]

    def test_keeps_a_moment_to_the_microsecond_and_in_its_zone(self) -> None:
        exact = datetime(2026, 3, 2, 23, 59, 59, 123456, tzinfo=ZoneInfo("Asia/Shanghai"))
        sent = message("a")
        sent.due_at = exact
        writes = Writes()
        writes.insert([sent])
        writes.send()
        assert OutboxMessage.objects.get().due_at == exact

    def test_refuses_what_json_cannot_tell_and_writes_nothing(self) -> None:
        writes = Writes()
        writes.insert([message("a", moment=NOW)])
        with pytest.raises(TypeError):
            writes.send()
        assert not OutboxMessage.objects.exists()

    def test_refuses_a_change_of_a_row_that_is_gone_and_writes_nothing(self) -> None:
        gone = stored("a")
        OutboxMessage.objects.all().delete()
        writes = Writes()
        writes.update(gone, ("attempts",))
        writes.insert([message("b")])
        with pytest.raises(RuntimeError, match="common_outboxmessage"), transaction.atomic():
            writes.send()
        assert not OutboxMessage.objects.exists()

    def test_leaves_what_is_there_already_when_told_so(self) -> None:
        there, again = stored("a"), message("b")
        again.pk = there.pk
        writes = Writes()
        writes.insert([again], ignore_conflicts=True)
        writes.send()
        assert OutboxMessage.objects.get().topic == "a"
        writes.insert([again])
        with pytest.raises(IntegrityError), transaction.atomic():
            writes.send()

    def test_has_nothing_left_to_send_twice(self) -> None:
        writes = Writes()
        writes.insert([message("a")])
        writes.send()
        with CaptureQueriesContext(connection) as seen:
            writes.send()
        assert len(seen) == 0
        assert OutboxMessage.objects.count() == 1


class TestColumns:
    def test_no_column_that_changes_its_value_is_sent_as_it_is(self) -> None:
        plain = models.TextField()
        encoded = models.JSONField(encoder=DjangoJSONEncoder)
        assert _takes_as_it_is(plain)
        assert not _takes_as_it_is(EncryptedTextField())
        assert not _takes_as_it_is(encoded)
        assert not _takes_as_it_is(models.DecimalField(max_digits=18, decimal_places=2))


class TestReserveKeys:
    def test_gives_keys_in_order_that_no_other_row_gets(self) -> None:
        rows = [message("a"), message("b"), message("c")]
        reserve_keys(rows)
        keys = [row.pk for row in rows]
        assert keys == sorted(set(keys))
        writes = Writes()
        writes.insert([*rows, message("d")])
        writes.send()
        assert list(OutboxMessage.objects.order_by("id").values_list("topic", flat=True)) == [
            "a", "b", "c", "d",
        ]  # fmt: skip

    def test_asks_nothing_for_no_rows(self) -> None:
        with CaptureQueriesContext(connection) as seen:
            reserve_keys([])
        assert len(seen) == 0
