"""The lists of a document, read by one statement, are what the tables hold."""

from __future__ import annotations

from typing import Any

import pytest

from applications.assessment import stored_rows
from applications.models import FeeLine
from applications.row_tables import APPLICATION_TABLES
from documents.rows import read_together
from tests.applications.factories import Lender


@pytest.fixture
def draft(db: None, now: Any) -> Any:
    lender = Lender(now)
    made = lender.draft()
    FeeLine.objects.filter(application=made).delete()
    FeeLine.objects.create(
        application=made, position=1, kind="SERVICE", basis="AMOUNT", amount="0.10"
    )
    FeeLine.objects.create(
        application=made, position=0, kind="OTHER", basis="RATE", rate="1.5000", payee='测"试'
    )
    return made


class TestReadTogether:
    def test_every_column_is_as_its_own_table_gives_it(
        self, draft: Any, django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(1):
            found = read_together(APPLICATION_TABLES, draft)
        for table in APPLICATION_TABLES:
            stored = list(getattr(draft, table.name).all())
            assert [row.pk for row in found[table.name]] == [row.pk for row in stored]
            for row, alone in zip(found[table.name], stored, strict=True):
                for field in table.model._meta.concrete_fields:
                    value, expected = getattr(row, field.attname), getattr(alone, field.attname)
                    assert (value, type(value)) == (expected, type(expected)), field.attname
                    assert str(value) == str(expected), field.attname
        assert [fee.payee for fee in found["fees"]] == ['测"试', ""]
        assert found["lines"]

    def test_products_come_with_the_lines(self, draft: Any, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(2):
            assert all(line.product.code for line in stored_rows(draft)["lines"])
