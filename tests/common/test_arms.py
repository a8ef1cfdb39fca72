"""Rights of several arms: a page is cut from the first rows of each, and holds what all hold."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.db.models import Q, QuerySet
from django.test.utils import CaptureQueriesContext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lending_crm.common.arms import Arms, FirstKeys, apart
from lending_crm.common.models import OutboxMessage
from lending_crm.common.pagination import capped_count, paginate
from tests.common.test_pagination import ORDERS, START, ids, walk

ROWS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["a", "B", "甲"]), st.integers(0, 2)), max_size=20
)


def ways(prefix: str) -> list[Q]:
    """Overlapping, and the last with a subquery."""
    few = OutboxMessage.objects.filter(attempts=0).values("pk")
    return [
        Q(**{f"{prefix}topic": "a"}),
        Q(**{f"{prefix}attempts__gt": 1}),
        Q(**{f"{prefix}pk__in": few}) & ~Q(**{f"{prefix}topic": "甲"}),
    ]


class Few:
    """Rows of another topic that came; found, or too many for that."""

    def __init__(self, *, is_found: bool) -> None:
        self.is_found = is_found

    @property
    def keys(self) -> QuerySet:
        others = OutboxMessage.objects.order_by().exclude(ONE_OF)
        return others.filter(attempts=1).values("pk")

    @property
    def few(self) -> list[int] | None:
        return list(self.keys.values_list("pk", flat=True)) if self.is_found else None


ARMS = Arms(OutboxMessage, ways)
ONE_OF = Q(topic="a") | Q(attempts__gt=1) | Q(attempts=0) & ~Q(topic="甲")


@pytest.mark.django_db
class TestArms:
    @settings(max_examples=30, deadline=None)
    @given(
        rows=ROWS,
        order=st.sampled_from(ORDERS),
        size=st.integers(1, 5),
        named=st.sampled_from([None, Few(is_found=True), Few(is_found=False)]),
    )
    def test_pages_hold_what_an_or_holds_each_row_once(self, rows, order, size, named) -> None:
        OutboxMessage.objects.all().delete()
        OutboxMessage.objects.bulk_create(
            OutboxMessage(
                created_at=START + timedelta(microseconds=step),
                due_at=START, topic=topic, attempts=attempts,
            )
            for step, topic, attempts in rows
        )  # fmt: skip
        down = "-pk" if order[-1].startswith("-") else "pk"
        one_of = ONE_OF if named is None else ONE_OF | Q(attempts=1)
        wanted = OutboxMessage.objects.filter(one_of, due_at=START).order_by(*order, down)
        arms = Arms(OutboxMessage, ways, named=named)
        listed = OutboxMessage.objects.filter(arms.clause()).filter(due_at=START)

        pages = walk(listed, order, size)

        assert ids(pages) == list(wanted.values_list("pk", flat=True))
        assert set(listed) == set(wanted)
        back = [pages[-1]]
        while back[0].has_previous:
            back.insert(0, paginate(listed, order=order, cursor=back[0].previous_cursor, size=size))
        assert ids(back) == ids(pages)
        assert capped_count(listed, cap=3).number == min(3, len(wanted))
        assert capped_count(listed, cap=3).is_capped == (len(wanted) > 3)

    def test_a_page_is_one_statement(self) -> None:
        with CaptureQueriesContext(connection) as asked:
            paginate(OutboxMessage.objects.filter(ARMS.clause()))
        assert len(asked) == 1

    def test_arms_within_arms_are_all_taken_apart(self) -> None:
        other = Arms(OutboxMessage, lambda prefix: [Q(attempts=0), Q(attempts=1)])
        rows = OutboxMessage.objects.filter(ARMS.clause()).filter(other.clause())
        assert len(apart(rows)) == 6

    def test_a_denied_right_stays_whole(self) -> None:
        rows = OutboxMessage.objects.exclude(ARMS.clause())
        assert apart(rows) == [rows]
        assert not rows.exists()

    def test_no_row_anywhere_is_an_empty_page(self) -> None:
        nobody = Arms(OutboxMessage, lambda prefix: [Q(pk__in=()), Q(topic="a", pk__in=())])
        assert paginate(OutboxMessage.objects.filter(nobody.clause())).items == []

    def test_first_keys_fall_and_rise(self) -> None:
        OutboxMessage.objects.bulk_create(
            OutboxMessage(created_at=START, due_at=START, topic="a", attempts=n) for n in range(5)
        )
        listed = OutboxMessage.objects.filter(ARMS.clause())
        for is_down, wanted in ((True, {4, 3}), (False, {0, 1})):
            keys = FirstKeys(listed, [("attempts", is_down)], 2)
            found = OutboxMessage.objects.filter(pk__among=keys).values_list("attempts", flat=True)
            assert set(found) == wanted

    def test_a_statement_that_is_alone_finds_what_is_named_itself(
        self, django_assert_num_queries
    ) -> None:
        OutboxMessage.objects.bulk_create(
            OutboxMessage(created_at=START, due_at=START, topic=topic, attempts=1)
            for topic in ("a", "B")
        )
        arms = Arms(OutboxMessage, ways, named=Few(is_found=True))
        for is_alone, statements in ((True, 1), (False, 2)):
            with django_assert_num_queries(statements):
                keys = FirstKeys(
                    OutboxMessage.objects.filter(arms.clause()), [("pk", False)], 9,
                    is_alone=is_alone,
                )  # fmt: skip
                assert OutboxMessage.objects.filter(pk__among=keys).count() == 2
