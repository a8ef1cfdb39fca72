"""A session over HTTP; ballots only as far as the caller may read them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from lending_crm.common.api import InputSerializer
from riskcommittee.choices import Mode, Opinion
from riskcommittee.models import CommitteeSession
from staff.models import Employee


class SessionSerializer(serializers.ModelSerializer):
    case = serializers.IntegerField(source="case_id", read_only=True)
    subject = serializers.CharField(source="case.subject", read_only=True)
    state = serializers.CharField(source="shown_state", read_only=True)

    class Meta:
        model = CommitteeSession
        fields: tuple[str, ...] = (
            "id", "number", "case", "subject", "state", "mode", "held_on", "place", "result",
            "quorum", "present", "approving", "rejecting", "investigating", "agreed_amount",
            "convened_at", "closed_at",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = fields


class BallotSerializer(serializers.Serializer):
    """``decision`` and ``reason`` are empty while the vote is secret to the caller."""

    employee = serializers.IntegerField(source="seat.employee_id")
    name = serializers.CharField(source="seat.employee.name")
    role = serializers.CharField(source="seat.role")
    is_absent = serializers.BooleanField(source="seat.is_absent")
    has_voted = serializers.BooleanField()
    decision = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()

    def get_decision(self, row: Any) -> str:
        return str(row.decision) if self.context["sees_ballots"] else ""

    def get_reason(self, row: Any) -> str:
        return str(row.item.opinion) if self.context["sees_ballots"] and row.item else ""


class SessionDetailSerializer(SessionSerializer):
    ballots = serializers.SerializerMethodField()

    class Meta(SessionSerializer.Meta):
        fields = (*SessionSerializer.Meta.fields, "ballots")
        read_only_fields = fields

    def get_ballots(self, session: CommitteeSession) -> list[dict[str, Any]]:
        rows = self.context["found"].rows
        return list(BallotSerializer(rows, many=True, context=self.context).data)


def _people(**kwargs: Any) -> serializers.PrimaryKeyRelatedField:
    return serializers.PrimaryKeyRelatedField(queryset=Employee.objects.all(), **kwargs)


class ConveneInput(InputSerializer):
    case_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    held_on = serializers.DateField()
    mode = serializers.ChoiceField(choices=Mode.choices)
    place = serializers.CharField(max_length=100)
    chair = _people()
    members = _people(many=True)
    recused = _people(many=True, required=False)
    secretary = _people()
    observers = _people(many=True, required=False)
    risk_report = serializers.FileField()


class VoteInput(InputSerializer):
    opinion = serializers.ChoiceField(choices=Opinion.choices)
    reason = serializers.CharField(allow_blank=True, max_length=2000)
    conditions = serializers.ListField(
        child=serializers.CharField(max_length=500), required=False, max_length=20
    )
    terms = serializers.DictField(
        child=serializers.CharField(max_length=40),
        required=False,
        help_text=_("what an approving vote proposes, by the document's own names"),
    )


class AttendanceInput(InputSerializer):
    absent = _people(many=True, allow_empty=True)


class CloseInput(InputSerializer):
    minutes = serializers.FileField()
