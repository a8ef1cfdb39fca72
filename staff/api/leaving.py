"""A leaver's holdings and their handover as programs see them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from lending_crm.common.api import InputSerializer
from staff.api.delegations import MovedSerializer
from staff.handing import holding_sources
from staff.models import Employee
from staff.services.leaving import Part


class HoldingSerializer(serializers.Serializer):
    pk = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]
    detail = serializers.CharField()
    url = serializers.CharField()


class HoldingGroupSerializer(serializers.Serializer):
    source = serializers.CharField(source="source.code")  # type: ignore[assignment]
    title = serializers.CharField(source="source.title")
    by_rule = serializers.CharField(
        source="source.by_rule", help_text=_("what happens without a successor; empty: one is due")
    )
    holdings = HoldingSerializer(many=True)


class PartResultSerializer(serializers.Serializer):
    title = serializers.CharField()
    moved = MovedSerializer(many=True)


class HandoverSerializer(serializers.Serializer):
    """``code`` and ``detail`` say why the account stays open, where that was asked for."""

    is_preview = serializers.BooleanField()
    done = serializers.IntegerField()
    refused = serializers.IntegerField()
    is_closed = serializers.BooleanField()
    code = serializers.SerializerMethodField()
    detail = serializers.SerializerMethodField()
    parts = PartResultSerializer(many=True)

    def get_code(self, result: Any) -> str:
        return result.refusal.code if result.refusal else ""

    def get_detail(self, result: Any) -> str:
        return result.refusal.message if result.refusal else ""


class PartInput(InputSerializer):
    source = serializers.CharField(max_length=40)  # type: ignore[assignment]
    successor = serializers.PrimaryKeyRelatedField(
        queryset=Employee.objects.all(), required=False, allow_null=True, default=None
    )
    only = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        required=False,
        allow_null=True,
        default=None,
        max_length=5000,
    )

    def validate_source(self, value: str) -> str:
        if value not in {source.code for source in holding_sources()}:
            raise serializers.ValidationError(_("There is nothing of this kind."))
        return value


class HandoverInput(InputSerializer):
    parts = PartInput(many=True)
    preview = serializers.BooleanField(required=False, default=False)
    closes_account = serializers.BooleanField(required=False, default=False)

    def arguments(self) -> dict[str, Any]:
        data = self.validated_data
        return {
            "parts": [Part(**part) for part in data["parts"]],
            "is_preview": data["preview"],
            "closes_account": data["closes_account"],
        }
