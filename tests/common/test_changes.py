"""The change log says things as its reader knows them, in the language of record."""

from __future__ import annotations

from django.utils import translation

import pytest

from customers.models import Contact, Customer
from lending_crm.common.changes import field_values, record_changes
from staff.models import Branch


class TestFieldValues:
    @pytest.mark.parametrize(("value", "said"), [(True, "是"), (False, "否")])
    def test_says_yes_and_no(self, value, said):
        with translation.override("en"):
            values = field_values(Branch(is_head_office=value), ["is_head_office"])

        assert values == {"is_head_office": said}

    def test_leaves_empty_what_is_empty(self):
        assert field_values(Contact(birth_date=None), ["birth_date"]) == {"birth_date": ""}


@pytest.mark.django_db
class TestRecordChanges:
    def test_names_what_is_no_field(self, now):
        rows = record_changes(
            instance=Customer(pk=1),
            before={},
            after={"contacts": "张三", "influences": "张三 → 李梅", "name": "恒信"},
            actor=None,
            now=now,
        )

        with translation.override("en"):
            assert rows[2].label == "customer name"
            assert rows[0].label == "contacts"  # no field, but a key that has a translation
        assert [row.field_label for row in rows] == ["联系人", "影响关系", "客户名称"]
