"""Shapes of loans, repayments and the journal."""

from __future__ import annotations

from rest_framework import serializers

from customers.choices import RiskClass
from funds.choices import ChargeKind, Treatment
from funds.models import (
    LedgerEntry,
    Loan,
    LoanCharge,
    LoanClassification,
    Repayment,
    RepaymentAllocation,
    ScheduleLine,
    ScheduleVersion,
    WriteOff,
)
from lending_crm.common.api import InputSerializer

_MONEY = {"max_digits": 18, "decimal_places": 2}


class LoanSerializer(serializers.ModelSerializer[Loan]):
    application_no = serializers.CharField(source="application.doc_no")
    customer_name = serializers.CharField(source="customer.name")

    class Meta:
        model = Loan
        fields = (
            "id",
            "loan_no",
            "application",
            "application_no",
            "customer",
            "customer_name",
            "branch",
            "contract_no",
            "principal",
            "unpaid_principal",
            "annual_rate",
            "method",
            "day_count",
            "term_months",
            "start_date",
            "due_date",
            "original_due_date",
            "status",
            "overdue_since",
            "overdue_days",
            "risk_class",
            "extension_count",
            "schedule_version",
            "booked_to",
            "settled_on",
            "version",
        )
        read_only_fields = fields


class ScheduleLineSerializer(serializers.ModelSerializer[ScheduleLine]):
    unpaid = serializers.DecimalField(**_MONEY)

    class Meta:
        model = ScheduleLine
        fields = (
            "no",
            "due",
            "contractual_due",
            "principal",
            "interest",
            "late_interest",
            "penalty",
            "principal_paid",
            "interest_paid",
            "penalty_paid",
            "interest_waived",
            "penalty_waived",
            "unpaid",
            "status",
        )
        read_only_fields = fields


class LoanScheduleSerializer(serializers.ModelSerializer[ScheduleVersion]):
    lines = ScheduleLineSerializer(many=True)

    class Meta:
        model = ScheduleVersion
        fields = (
            "no",
            "reason",
            "state",
            "principal",
            "annual_rate",
            "method",
            "starts_on",
            "ends_on",
            "created_at",
            "lines",
        )
        read_only_fields = fields


class AllocationSerializer(serializers.ModelSerializer[RepaymentAllocation]):
    instalment = serializers.IntegerField(source="line.no", default=None, allow_null=True)

    class Meta:
        model = RepaymentAllocation
        fields = ("instalment", "principal", "interest", "penalty", "fee")
        read_only_fields = fields


class RepaymentSerializer(serializers.ModelSerializer[Repayment]):
    allocations = AllocationSerializer(many=True)

    class Meta:
        model = Repayment
        fields = (
            "id",
            "loan",
            "paid_on",
            "amount",
            "bank_ref",
            "payer",
            "treatment",
            "booked_at",
            "booked_by",
            "reversed_at",
            "reverse_reason",
            "allocations",
        )
        read_only_fields = fields


class LedgerEntrySerializer(serializers.ModelSerializer[LedgerEntry]):
    class Meta:
        model = LedgerEntry
        fields = (
            "no",
            "kind",
            "day",
            "principal",
            "interest",
            "penalty",
            "fee",
            "cash",
            "income",
            "principal_after",
            "interest_after",
            "penalty_after",
            "fee_after",
            "repayment",
            "reverses",
            "bank_ref",
            "reference",
            "note",
            "actor",
            "at",
        )
        read_only_fields = fields


class ClassificationSerializer(serializers.ModelSerializer[LoanClassification]):
    class Meta:
        model = LoanClassification
        fields = ("day", "old_class", "new_class", "overdue_days", "cause", "reason", "actor", "at")
        read_only_fields = fields


class ChargeSerializer(serializers.ModelSerializer[LoanCharge]):
    class Meta:
        model = LoanCharge
        fields = (
            "id",
            "kind",
            "due_on",
            "amount",
            "paid",
            "waived",
            "note",
            "created_at",
            "created_by",
        )
        read_only_fields = fields


class WriteOffSerializer(serializers.ModelSerializer[WriteOff]):
    class Meta:
        model = WriteOff
        fields = (
            "id",
            "loan",
            "reason",
            "state",
            "proposed_by",
            "proposed_at",
            "closed_by",
            "closed_at",
            "answer",
        )
        read_only_fields = fields


class PositionSerializer(serializers.Serializer):
    """What the loan stands at on ``day``; yuan."""

    day = serializers.DateField()
    unpaid_principal = serializers.DecimalField(**_MONEY)
    principal_due = serializers.DecimalField(**_MONEY)
    interest = serializers.DecimalField(**_MONEY)
    penalty = serializers.DecimalField(**_MONEY)
    fees = serializers.DecimalField(**_MONEY)
    fees_to_come = serializers.DecimalField(**_MONEY)
    accrued = serializers.DecimalField(**_MONEY)
    due_total = serializers.DecimalField(**_MONEY)
    overdue_since = serializers.DateField(allow_null=True)
    days_overdue = serializers.IntegerField()
    next_due = serializers.DateField(allow_null=True)
    next_amount = serializers.DecimalField(**_MONEY)


class SettlementSerializer(serializers.Serializer):
    position = PositionSerializer()
    fee = serializers.DecimalField(**_MONEY)
    total = serializers.DecimalField(**_MONEY)


class RepaymentInput(InputSerializer):
    amount = serializers.DecimalField(**_MONEY)
    paid_on = serializers.DateField()
    bank_ref = serializers.CharField(max_length=60)
    payer = serializers.CharField(max_length=80)
    treatment = serializers.ChoiceField(Treatment.choices, default=Treatment.DUE)


class ReversalInput(InputSerializer):
    reason = serializers.CharField(max_length=200)


class WriteOffInput(InputSerializer):
    reason = serializers.CharField(max_length=200)


class ClassInput(InputSerializer):
    risk_class = serializers.ChoiceField(RiskClass.choices)
    reason = serializers.CharField(max_length=200)


class ChargeInput(InputSerializer):
    kind = serializers.ChoiceField(ChargeKind.choices)
    amount = serializers.DecimalField(**_MONEY)
    due_on = serializers.DateField()
    note = serializers.CharField(max_length=200)
