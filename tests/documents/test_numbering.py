from __future__ import annotations

import threading
from datetime import date

from django.db import ProgrammingError, connection, transaction

import pytest

from documents.models import NumberCounter
from documents.numbering import next_number
from tests.documents.factories import BranchFactory, raw

DAY = date(2026, 11, 20)


@pytest.mark.django_db
class TestNextNumber:
    def test_counts_up_in_three_digits(self):
        branch = BranchFactory(code="BJ")
        assert next_number("YW", branch, day=DAY) == "YW-BJ-20261120-001"
        assert next_number("YW", branch, day=DAY) == "YW-BJ-20261120-002"

    def test_counts_each_prefix_branch_and_day_for_itself(self):
        branch, other = BranchFactory(code="BJ"), BranchFactory(code="SH")
        next_number("YW", branch, day=DAY)
        assert next_number("KH", branch, day=DAY).endswith("-001")
        assert next_number("YW", other, day=DAY).endswith("-001")
        assert next_number("YW", branch, day=date(2026, 11, 21)).endswith("-001")

    def test_grows_beyond_999(self):
        branch = BranchFactory(code="BJ")
        NumberCounter.objects.create(prefix="YW", branch_code="BJ", day=DAY, last_number=999)
        assert next_number("YW", branch, day=DAY) == "YW-BJ-20261120-1000"

    def test_takes_one_statement(self, django_assert_num_queries):
        branch = BranchFactory()
        with django_assert_num_queries(1):
            next_number("YW", branch, day=DAY)

    def test_never_repeats_a_number_when_branches_exchange_codes(self):
        first, second = BranchFactory(code="BJ"), BranchFactory(code="SH")
        given = {next_number("YW", first, day=DAY), next_number("YW", second, day=DAY)}
        first.code, second.code = "SH", "BJ"
        given |= {next_number("YW", first, day=DAY), next_number("YW", second, day=DAY)}
        assert len(given) == 4

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE documents_numbercounter SET last_number = 1",
            "UPDATE documents_numbercounter SET branch_code = 'X', last_number = 99",
            "DELETE FROM documents_numbercounter",
        ],
    )
    def test_the_counter_never_goes_back(self, sql):
        NumberCounter.objects.create(prefix="YW", branch_code="BJ", day=DAY, last_number=5)
        with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic():
            raw(sql)
        assert NumberCounter.objects.get().last_number == 5


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
class TestNumberRace:
    def test_parallel_takers_get_different_numbers(self):
        branch = BranchFactory(code="BJ")
        numbers: list[str] = []
        start = threading.Barrier(4)

        def take() -> None:
            start.wait()
            try:
                for _ in range(10):
                    with transaction.atomic():
                        numbers.append(next_number("YW", branch, day=DAY))
            finally:
                connection.close()

        threads = [threading.Thread(target=take) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(numbers)) == 40
        assert NumberCounter.objects.get().last_number == 40
