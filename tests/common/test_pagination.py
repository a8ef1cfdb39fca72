"""Paging by key loses no row and repeats none, whatever the cursor that comes in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Length

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lending_crm.common.models import OutboxMessage
from lending_crm.common.pagination import KeysetPage, capped_count, paginate

START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
ORDERS = (
    ("-created_at", "-id"),
    ("created_at",),
    ("topic", "-created_at"),
    ("-attempts", "topic", "created_at", "-id"),
)


def add_rows(rows: list[tuple[int, str, int]]) -> None:
    OutboxMessage.objects.bulk_create(
        OutboxMessage(
            created_at=START + timedelta(microseconds=step),
            due_at=START,
            topic=topic,
            attempts=attempts,
        )
        for step, topic, attempts in rows
    )


def walk(
    rows: QuerySet[OutboxMessage], order: tuple[str, ...], size: int
) -> list[KeysetPage[OutboxMessage]]:
    pages = [paginate(rows, order=order, size=size)]
    while pages[-1].has_next:
        pages.append(paginate(rows, order=order, cursor=pages[-1].next_cursor, size=size))
    return pages


def ids(pages: list[KeysetPage[OutboxMessage]]) -> list[int]:
    return [row.pk for page in pages for row in page]


@pytest.mark.django_db
class TestPaginate:
    @settings(max_examples=40, deadline=None)
    @given(
        rows=st.lists(
            # Few different values, so that ties run over the edges of pages.
            st.tuples(st.integers(0, 3), st.sampled_from(["a", "B", "甲"]), st.integers(0, 2)),
            max_size=25,
        ),
        order=st.sampled_from(ORDERS),
        size=st.integers(1, 7),
    )
    def test_yields_each_row_once_forward_and_back(
        self, rows: list[tuple[int, str, int]], order: tuple[str, ...], size: int
    ) -> None:
        OutboxMessage.objects.all().delete()
        add_rows(rows)
        everything = OutboxMessage.objects.all()
        down = "-pk" if order[-1].startswith("-") else "pk"
        wanted = list(everything.order_by(*order, down).values_list("pk", flat=True))

        pages = walk(everything, order, size)

        assert ids(pages) == wanted
        assert not pages[0].has_previous
        back = [pages[-1]]
        while back[0].has_previous:
            back.insert(0, paginate(everything, order=order, cursor=back[0].previous_cursor,
                                    size=size))  # fmt: skip
        assert ids(back) == wanted

    @given(cursor=st.one_of(st.text(max_size=60), st.binary(max_size=40).map(repr)))
    @settings(max_examples=60, deadline=None)
    def test_answers_a_hostile_cursor_with_the_first_page(self, cursor: str) -> None:
        OutboxMessage.objects.all().delete()
        add_rows([(step, "a", 0) for step in range(3)])

        page = paginate(OutboxMessage.objects.all(), cursor=cursor, size=2)

        assert len(page) == 2
        assert not page.has_previous

    @pytest.mark.parametrize("cursor", ["\x00", "x" * 1_000_000, "a:b:c", "é😀", ".eJ:1:2"])
    def test_survives_what_no_browser_sends(self, cursor: str) -> None:
        add_rows([(0, "a", 0)])

        assert len(paginate(OutboxMessage.objects.all(), cursor=cursor)) == 1

    def test_ignores_a_cursor_that_was_made_for_another_order(self) -> None:
        add_rows([(step, "a", step) for step in range(4)])
        rows = OutboxMessage.objects.all()
        cursor = paginate(rows, order=("-created_at",), size=2).next_cursor

        page = paginate(rows, order=("attempts",), cursor=cursor, size=2)

        assert [row.attempts for row in page] == [0, 1]

    def test_begins_again_when_the_pages_before_have_gone(self) -> None:
        add_rows([(step, "a", step) for step in range(4)])
        rows = OutboxMessage.objects.all()
        second = walk(rows, ("attempts",), 2)[1]
        rows.filter(attempts__lt=2).delete()

        page = paginate(rows, order=("attempts",), cursor=second.previous_cursor, size=2)

        assert [row.attempts for row in page] == [2, 3]
        assert not page.has_previous

    def test_orders_by_an_annotation(self) -> None:
        add_rows([(0, "aaa", 0), (0, "a", 0), (0, "aa", 0)])
        rows = OutboxMessage.objects.annotate(width=Length("topic"))

        pages = walk(rows, ("width",), 1)

        assert [row.topic for page in pages for row in page] == ["a", "aa", "aaa"]

    def test_refuses_a_column_that_may_be_empty(self) -> None:
        with pytest.raises(ValueError, match="delivered_at may be NULL"):
            paginate(OutboxMessage.objects.all(), order=("delivered_at",))

    def test_costs_one_query_and_counts_nothing(self, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
        add_rows([(step, "a", 0) for step in range(5)])
        rows = OutboxMessage.objects.all()
        cursor = paginate(rows, size=2).next_cursor

        with django_assert_num_queries(1) as queries:
            paginate(rows, cursor=cursor, size=2)

        sql = queries.captured_queries[0]["sql"].upper()
        assert "COUNT(" not in sql
        assert "OFFSET" not in sql


@pytest.mark.django_db
class TestCappedCount:
    @pytest.mark.parametrize(
        ("rows", "shown", "is_capped"), [(0, "0", False), (3, "3", False), (4, "3+", True)]
    )
    def test_stops_at_its_bound(self, rows: int, shown: str, is_capped: bool) -> None:
        add_rows([(step, "a", 0) for step in range(rows)])

        count = capped_count(OutboxMessage.objects.all(), cap=3)

        assert str(count) == shown
        assert count.is_capped is is_capped


@pytest.mark.django_db
class TestTotal:
    def test_a_page_that_is_the_whole_list_is_not_counted_again(
        self, django_assert_num_queries: Callable[..., Any]
    ) -> None:
        add_rows([(step, "a", 0) for step in range(3)])
        page = paginate(OutboxMessage.objects.all(), size=3)

        with django_assert_num_queries(0):
            assert str(page.total) == "3"

    def test_every_page_of_a_longer_list_says_the_same(self) -> None:
        add_rows([(step, "a", 0) for step in range(5)])

        pages = walk(OutboxMessage.objects.all(), ("-created_at",), 2)

        assert [str(page.total) for page in pages] == ["5", "5", "5"]

    def test_of_an_empty_list_is_none(self) -> None:
        assert paginate(OutboxMessage.objects.all()).total.number == 0
