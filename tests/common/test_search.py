"""Finding a part of a text by its pairs of characters."""

from __future__ import annotations

from django.db import connection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.models import Customer
from lending_crm.common.search import grams
from tests.customers.factories import build_world, make_customer

TEXT = st.text(alphabet="北方公司abAB12%_\\' ", max_size=12)


class TestGrams:
    @given(TEXT, TEXT)
    def test_a_part_never_needs_what_the_whole_has_not(self, before: str, part: str) -> None:
        whole = f"{before}{part}{before}"
        held = {whole[i : i + n] for n in (1, 2) for i in range(len(whole) - n + 1)}
        assert set(grams(part)) <= held

    def test_one_character_stands_for_itself(self) -> None:
        assert (grams("北"), grams("北方公"), grams("")) == (["北"], ["北方", "方公"], [])


@pytest.mark.django_db
class TestHasPart:
    @pytest.fixture
    def customers(self, now) -> list[Customer]:
        world = build_world()
        made = [make_customer(world.am, now) for _ in range(4)]
        for customer, text in zip(made, ("北方公司", "100%_a\\b", "方北", ""), strict=True):
            Customer.objects.filter(pk=customer.pk).update(search_text=text)
        return made

    @pytest.mark.parametrize(
        ("part", "found"),
        [
            ("北", [0, 2]), ("北方", [0]), ("方北", [2]), ("北方公司", [0]), ("北公", []),
            ("%", [1]), ("0%_", [1]), ("_a\\b", [1]), ("A", []), ("", [0, 1, 2, 3]),
        ],
    )  # fmt: skip
    def test_finds_what_contains_the_text_and_nothing_else(
        self, customers: list[Customer], part: str, found: list[int]
    ) -> None:
        matching = Customer.objects.filter(search_text__has_part=part)
        assert set(matching) == {customers[place] for place in found}

    def test_can_be_answered_from_the_index(self, customers: list[Customer]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            plan = Customer.objects.order_by().filter(search_text__has_part="北方").explain()
        assert "customer_search" in plan
