"""A query whose SQL is built once."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

import pytest

from lending_crm.common.compiled import Compiled
from staff.models import Employee
from tests.staff.factories import BranchFactory, person


def in_branch(branch_id: int, name: str):
    return (
        Employee.objects.filter(branch=branch_id, name=name, is_active=True)
        .select_related("branch")
        .order_by("pk")
    )


@pytest.mark.django_db
class TestCompiled:
    def test_finds_what_the_query_finds_whatever_the_values(self) -> None:
        branches = [BranchFactory(), BranchFactory()]
        for branch in branches:
            for name in ("王%", "李四", "王五"):
                person("AM", branch=branch, name=name)
        compiled = Compiled(in_branch)
        for branch in [*branches, *branches]:
            for name in ("王%", "李四", "无"):
                assert compiled(branch.pk, name) == list(in_branch(branch.pk, name))
        (found,) = compiled(branches[1].pk, "李四")
        with CaptureQueriesContext(connection) as seen:
            assert found.branch == branches[1]
        assert len(seen) == 0

    def test_asks_anew_at_each_call(self) -> None:
        branch = BranchFactory()
        compiled = Compiled(in_branch)
        assert compiled(branch.pk, "王五") == []
        added = person("AM", branch=branch, name="王五")
        with CaptureQueriesContext(connection) as seen:
            assert compiled(branch.pk, "王五") == [added]
        assert len(seen) == 1

    def test_gives_values_and_not_only_models(self) -> None:
        branch = BranchFactory()
        person("AM", branch=branch, name="王五")
        compiled = Compiled(lambda pk: Employee.objects.filter(branch=pk).values_list("name"))
        assert compiled(branch.pk) == [("王五",)]
        assert compiled(branch.pk + 1) == []

    def test_refuses_a_value_that_the_query_changes(self) -> None:
        compiled = Compiled(lambda name: Employee.objects.filter(name__contains=name))
        with pytest.raises(ValueError, match="as they are"):
            compiled("王")


@pytest.mark.django_db(transaction=True)
class TestLocking:
    def test_refuses_a_row_lock_outside_a_transaction_also_the_second_time(self) -> None:
        branch = BranchFactory()
        compiled = Compiled(lambda pk: Employee.objects.select_for_update().filter(branch=pk))
        with transaction.atomic():
            assert compiled(branch.pk) == []
        with pytest.raises(TransactionManagementError):
            compiled(branch.pk)
