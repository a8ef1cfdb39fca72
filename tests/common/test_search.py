"""Finding a part of a text by its pairs of characters."""

from __future__ import annotations

from django.db import connection
from django.db.models import Q

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.models import Contact, Customer
from lending_crm.common import search
from lending_crm.common.arms import Arms
from lending_crm.common.search import asked_at_once, grams, with_words
from tests.customers.factories import build_world, make_contact, make_customer

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


@pytest.mark.django_db
class TestWithWords:
    """A word is looked for in the contact's own column and in its customer's."""

    PATHS = ("search_text", "customer__search_text")

    @pytest.fixture
    def contacts(self, now) -> list[Contact]:
        world = build_world()
        made = []
        for own, whole in (
            ("张三 zs", "北方公司"),
            ("李四 ls", "南方公司"),
            ("北方 bf", "西山公司"),
        ):
            contact = make_contact(make_customer(world.am, now), now)
            Contact.objects.filter(pk=contact.pk).update(search_text=own)
            Customer.objects.filter(pk=contact.customer_id).update(search_text=whole)
            made.append(contact)
        return made

    @pytest.fixture(params=[1_000, 1, 0], ids=["by key", "some by key", "by comparing"])
    def few(self, request, monkeypatch) -> None:
        monkeypatch.setattr(search, "_FEW", request.param)

    @pytest.mark.usefixtures("few")
    @pytest.mark.parametrize("rows_first", [False, True])
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("北方", [0, 2]), ("公司", [0, 1, 2]), ("方公", [0, 1]), ("公司 李四", [1]),
            ("ZS", [0]), ("东方", []), ("北方 南方", []), ("", [0, 1, 2]),
            ("公 司 张 三 北", [0]),
        ],
    )  # fmt: skip
    def test_every_word_stands_in_one_of_the_columns(
        self, contacts, text, found, rows_first
    ) -> None:
        rows = with_words(Contact.objects.all(), text, self.PATHS, rows_first=rows_first)
        assert set(rows) == {contacts[place] for place in found}

    def test_who_sees_all_is_named_more_of_them(self, contacts, monkeypatch) -> None:
        monkeypatch.setattr(search, "_FEW", 0)
        by_comparing = with_words(Contact.objects.all(), "北方", self.PATHS)
        by_key = with_words(Contact.objects.all(), "北方", self.PATHS, sees_all=True)

        assert set(by_key) == set(by_comparing) == {contacts[0], contacts[2]}
        assert "LIKE" in str(by_comparing.query)
        assert "LIKE" not in str(by_key.query)

    def test_in_rows_that_are_found_by_a_right_the_word_is_compared(
        self, contacts, monkeypatch
    ) -> None:
        """LIKE would let the planner look for the word first, through all customers."""
        monkeypatch.setattr(search, "_FEW", 0)
        of_two = Q(pk__in=[each.pk for each in contacts[:2]])
        in_arms = Contact.objects.filter(Arms(Contact, lambda _prefix: [of_two]).clause())
        for rows in (
            with_words(in_arms, "北方", self.PATHS),
            with_words(Contact.objects.filter(of_two), "北方", self.PATHS, is_scoped=True),
        ):
            assert set(rows) == {contacts[0]}
            assert "LIKE" not in str(rows.query)

    @pytest.mark.usefixtures("contacts")
    def test_asks_twice_however_many_words_and_columns(self, django_assert_num_queries) -> None:
        with django_assert_num_queries(2):
            with_words(Contact.objects.all(), "北方 公司 张三", self.PATHS)

    @pytest.mark.parametrize("sees_all", [False, True])
    def test_asks_for_several_lists_at_once(
        self, contacts, django_assert_num_queries, sees_all
    ) -> None:
        lists = [(Contact, self.PATHS), (Customer, ["search_text"])]
        asked = asked_at_once("北方", lists, sees_all=sees_all)
        with django_assert_num_queries(4), asked:
            found = set(with_words(Contact.objects.all(), "北方", self.PATHS))
            customers = set(with_words(Customer.objects.all(), "北方", ["search_text"]))
        assert found == {contacts[0], contacts[2]}
        assert customers == {contacts[0].customer}

    def test_a_number_is_found_in_small_and_capital_letters(self, contacts) -> None:
        number = contacts[0].customer.customer_no
        assert not number.islower()
        rows = with_words(Customer.objects.all(), number[:-1], ["customer_no__lower"])
        assert contacts[0].customer in rows
