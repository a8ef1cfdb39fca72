"""What the API shows and takes of applications; every rule is the service's."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from applications.kinds import EDITABLE_FIELDS
from applications.models import AmountLine, BusinessApplication, FeeLine, GuaranteeItem, Product
from customers.models import Contact, Customer, Opportunity
from documents.api.shapes import DeskSerializers, SubmissionPreviewSerializer
from documents.rows import MAX_ROWS
from lending_crm.common.api import InputSerializer, ModelInputSerializer
from staff.api.serializers import PersonSerializer

_VERSION = {"min_value": 1, "max_value": 2**31 - 1}
_MONEY = {"max_digits": 18, "decimal_places": 2}
_PERCENT = {"max_digits": 9, "decimal_places": 4}


class ProductSerializer(serializers.ModelSerializer):
    class Meta:
        model = Product
        fields = (
            "id",
            "code",
            "name",
            "min_amount",
            "max_amount",
            "min_term",
            "max_term",
            "min_rate",
            "max_rate",
            "floor_rate",
            "day_count",
            "methods",
            "guarantees",
            "early_repayment_fee",
            "is_active",
        )
        read_only_fields = fields


class PlanRowSerializer(InputSerializer):
    """One repayment of principal of the method CUSTOM."""

    month = serializers.IntegerField(min_value=1, max_value=600)
    principal = serializers.DecimalField(**_MONEY)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        month, principal = instance
        return {"month": month, "principal": str(principal)}


class LineSerializer(ModelInputSerializer):
    """A requested amount; ``product`` is the product's code."""

    product = serializers.SlugRelatedField(slug_field="code", queryset=Product.objects.all())
    product_name = serializers.CharField(source="product.name", read_only=True)
    plan = PlanRowSerializer(many=True, required=False)

    class Meta:
        model = AmountLine
        fields = (
            "product",
            "product_name",
            "amount",
            "term_months",
            "annual_rate",
            "method",
            "disburse_mode",
            "plan",
        )

    def to_internal_value(self, data: Any) -> Any:
        values = super().to_internal_value(data)
        values["plan"] = [[row["month"], row["principal"]] for row in values.get("plan", ())]
        return values


class GuaranteeItemSerializer(ModelInputSerializer):
    class Meta:
        model = GuaranteeItem
        fields = ("kind", "name", "owner_name", "assessed_value", "ratio", "lendable")
        read_only_fields = ("lendable",)


class FeeSerializer(ModelInputSerializer):
    """``rate`` (percent of the amount) with the basis RATE, ``amount`` (yuan) with AMOUNT."""

    class Meta:
        model = FeeLine
        fields = ("kind", "basis", "rate", "amount", "timing", "payee")


class ApplicationRowSerializer(serializers.ModelSerializer):
    """An application in a list."""

    customer_name = serializers.CharField(source="customer.name", read_only=True)
    handler = PersonSerializer(read_only=True)
    branch_name = serializers.CharField(source="branch.name", read_only=True)

    class Meta:
        model = BusinessApplication
        fields: tuple[str, ...] = (
            "id",
            "doc_no",
            "subject",
            "customer",
            "customer_name",
            "opportunity",
            "amount_total",
            "all_in_rate",
            "exposure",
            "wf_status",
            "biz_status",
            "handler",
            "branch",
            "branch_name",
            "version",
            "created_at",
            "updated_at",
        )
        read_only_fields: tuple[str, ...] = fields


class ApplicationSerializer(ApplicationRowSerializer):
    lines = LineSerializer(many=True, read_only=True)
    guarantee_items = GuaranteeItemSerializer(many=True, read_only=True)
    fees = FeeSerializer(many=True, read_only=True)
    case = serializers.PrimaryKeyRelatedField(read_only=True)

    class Meta(ApplicationRowSerializer.Meta):
        fields = (
            *ApplicationRowSerializer.Meta.fields,
            *(name for name in EDITABLE_FIELDS if name != "subject"),
            "department",
            "creator",
            "case",
            "uplift_reasons",
            "approved_amount",
            "approved_term",
            "approved_rate",
            "approved_conditions",
            "approved_on",
            "approval_valid_until",
            "copied_from",
            "lines",
            "guarantee_items",
            "fees",
        )
        read_only_fields = fields


class _Input(ModelInputSerializer):
    """Types and lengths only; what is left out stays as it is."""

    lines = LineSerializer(many=True, required=False, max_length=MAX_ROWS)
    guarantee_items = GuaranteeItemSerializer(many=True, required=False, max_length=MAX_ROWS)
    fees = FeeSerializer(many=True, required=False, max_length=MAX_ROWS)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        user = self.context["request"].user
        for name in EDITABLE_FIELDS:
            fields[name].required = False
        fields["borrower"].queryset = Contact.objects.visible_to(user)  # type: ignore[attr-defined]
        fields["channel"].queryset = Customer.objects.channels_for(user)  # type: ignore[attr-defined]
        return fields


class ApplicationInput(_Input):
    opportunity = serializers.PrimaryKeyRelatedField(queryset=Opportunity.objects.none())

    class Meta:
        model = BusinessApplication
        fields = ("opportunity", *EDITABLE_FIELDS, "lines", "guarantee_items", "fees")

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        visible = Opportunity.objects.visible_to(self.context["request"].user)
        fields["opportunity"].queryset = visible.select_related("customer")  # type: ignore[attr-defined]
        return fields


class ApplicationUpdate(_Input):
    seen_version = serializers.IntegerField(write_only=True, **_VERSION)

    class Meta:
        model = BusinessApplication
        fields = ("seen_version", *EDITABLE_FIELDS, "lines", "guarantee_items", "fees")


class ApplicationPreviewSerializer(SubmissionPreviewSerializer):
    """What a submission would do, with what the request is measured by."""

    authority_level = serializers.IntegerField()
    exposure = serializers.DecimalField(**_MONEY)
    all_in_rate = serializers.DecimalField(**_PERCENT, allow_null=True)


class ScheduleInput(InputSerializer):
    lines = LineSerializer(many=True, max_length=MAX_ROWS, allow_empty=False)
    fees = FeeSerializer(many=True, required=False, max_length=MAX_ROWS)
    start = serializers.DateField(
        required=False, help_text=_("day of the disbursement; today when left out")
    )


class InstalmentSerializer(serializers.Serializer):
    no = serializers.IntegerField()
    due = serializers.DateField()
    principal = serializers.DecimalField(**_MONEY)
    interest = serializers.DecimalField(**_MONEY)
    total = serializers.DecimalField(**_MONEY)
    balance = serializers.DecimalField(**_MONEY)


class ScheduleSerializer(serializers.Serializer):
    """The schedule of one line; empty ``instalments`` when it cannot be calculated."""

    principal = serializers.DecimalField(**_MONEY)
    total_interest = serializers.DecimalField(**_MONEY)
    instalments = InstalmentSerializer(many=True, source="lines")


class CostSerializer(serializers.Serializer):
    """Schedules line by line, and what all of it costs the borrower a year."""

    schedules = ScheduleSerializer(many=True)
    all_in_rate = serializers.DecimalField(**_PERCENT, allow_null=True, source="rate")
    effective_rate = serializers.SerializerMethodField()
    total_interest = serializers.SerializerMethodField()
    total_fees = serializers.SerializerMethodField()
    problem = serializers.SerializerMethodField()

    @extend_schema_field(serializers.DecimalField(**_PERCENT, allow_null=True))
    def get_effective_rate(self, cost: Any) -> str | None:
        return str(cost.all_in.effective) if cost.all_in else None

    @extend_schema_field(serializers.DecimalField(**_MONEY, allow_null=True))
    def get_total_interest(self, cost: Any) -> str | None:
        return str(cost.all_in.total_interest) if cost.all_in else None

    @extend_schema_field(serializers.DecimalField(**_MONEY, allow_null=True))
    def get_total_fees(self, cost: Any) -> str | None:
        return str(cost.all_in.total_fees) if cost.all_in else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_problem(self, cost: Any) -> str | None:
        return cost.problem.message if cost.problem else None


class ApplicationShapes(DeskSerializers):
    """Products by their code, plans row by row, and computed columns beside what was typed."""

    row = ApplicationRowSerializer
    full = ApplicationSerializer
    create = ApplicationInput
    update = ApplicationUpdate
    preview = ApplicationPreviewSerializer
