"""What every endpoint does with the body that it is sent."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

import pytest

from lending_crm.common.api import TOLD_AT_MOST, InputSerializer


class Row(InputSerializer):
    rate = serializers.IntegerField()


class Body(InputSerializer):
    id = serializers.IntegerField(read_only=True)
    note = serializers.CharField(required=False)
    rows = Row(many=True, required=False)
    choices = serializers.DictField(required=False)


def refused(data: Any) -> Any:
    taken = Body(data=data)
    with pytest.raises(ValidationError) as found:
        taken.is_valid(raise_exception=True)
    return found.value.detail


class TestKnownFieldsOnly:
    def test_an_unknown_field_is_named(self) -> None:
        found = refused({"note": "x", "remarks": "y"})
        assert found == {"remarks": ["没有这个字段。"]}
        assert found["remarks"][0].code == "unknown"

    def test_beside_everything_else_that_is_wrong(self) -> None:
        found = refused({"remarks": "y", "note": [], "rows": [{"rate": 1}, {"rate": "x", "q": 2}]})
        assert set(found) == {"remarks", "note", "rows"}
        assert set(found["rows"][1]) == {"rate", "q"}

    def test_what_an_answer_holds_may_be_sent_back(self) -> None:
        taken = Body(data={"id": 7, "note": "x"})
        assert taken.is_valid()
        assert taken.validated_data == {"note": "x"}

    def test_members_of_a_form(self) -> None:
        body = "note=x&rows[0]rate=1&choices.tl=5&csrfmiddlewaretoken=abc"
        taken = Body(data=QueryDict(body))
        taken.is_valid(raise_exception=True)
        assert taken.validated_data["rows"] == [{"rate": 1}]
        assert set(refused(QueryDict(f"{body}&remarks=y&rows[0]q=1"))) == {"remarks", "rows"}

    def test_the_answer_does_not_grow_with_what_was_sent(self) -> None:
        assert len(refused({f"x{n}": n for n in range(1000)})) == TOLD_AT_MOST

    @pytest.mark.parametrize("data", [[], "x", None, 1])
    def test_what_is_no_object(self, data: Any) -> None:
        taken = Body(data=data)
        assert not taken.is_valid()
