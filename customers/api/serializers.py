"""What the API shows and takes; numbers are masked, a mask that comes back changes nothing."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from customers.choices import InfluenceStrength, InfluenceType, LossReason, Stage
from customers.models import (
    Contact,
    Customer,
    CustomerGroup,
    FollowUp,
    InfluenceRelation,
    Opportunity,
    StageChange,
)
from customers.rules.fields import CONTACT_FIELDS, CUSTOMER_FIELDS, SENSITIVE
from customers.services.log import mask
from customers.services.opportunities import OPPORTUNITY_FIELDS
from lending_crm.common.api import InputSerializer, ModelInputSerializer
from lending_crm.common.models import ChangeRecord
from staff.api.serializers import PersonSerializer
from staff.models import Employee

_CUSTOMER_COLUMNS = tuple(
    dict.fromkeys(name for names in CUSTOMER_FIELDS.values() for name in names)
)
_CONTACT_COLUMNS = tuple(dict.fromkeys(name for names in CONTACT_FIELDS.values() for name in names))


class MaskedField(serializers.CharField):
    """``138****8000``; ``reveal`` opens the full number, with a reason."""

    def to_representation(self, value: Any) -> str:
        return mask(self.source, super().to_representation(value))


class _InputSerializer(ModelInputSerializer):
    """Types and lengths only: every rule, also 'required', is the service's."""

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for field in fields.values():
            field.required = False
            field.validators = [
                check
                for check in field.validators
                if type(check).__name__ not in ("UniqueValidator", "UniqueTogetherValidator")
            ]
        return fields

    def get_validators(self) -> list[Any]:
        return []


class CustomerSerializer(serializers.ModelSerializer):
    owner = PersonSerializer(read_only=True)
    co_handler = PersonSerializer(read_only=True, allow_null=True)
    id_no = MaskedField(read_only=True)
    phone = MaskedField(read_only=True)
    acct_no = MaskedField(read_only=True)
    branch_name = serializers.CharField(source="branch.name", read_only=True)

    class Meta:
        model = Customer
        fields = (
            "id",
            "customer_no",
            "customer_type",
            *_CUSTOMER_COLUMNS,
            "tier",
            "biz_status",
            "risk_class",
            "sms_consent_at",
            "owner",
            "co_handler",
            "department",
            "branch",
            "branch_name",
            "version",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields


class CustomerInput(_InputSerializer):
    class Meta:
        model = Customer
        fields = ("customer_type", *_CUSTOMER_COLUMNS)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        user = self.context["request"].user
        fields["channel"].queryset = Customer.objects.channels_for(user)
        fields["principal_customer"].queryset = Customer.objects.visible_to(user)
        fields["group"].queryset = CustomerGroup.objects.all()
        return fields


class CustomerUpdate(CustomerInput):
    seen_version = serializers.IntegerField(write_only=True, required=True)

    class Meta(CustomerInput.Meta):
        fields = ("seen_version", *CustomerInput.Meta.fields)


class ContactSerializer(serializers.ModelSerializer):
    customer_name = serializers.CharField(source="customer.name", read_only=True)
    id_no = MaskedField(read_only=True)
    mobile = MaskedField(read_only=True)
    phone2 = MaskedField(read_only=True)

    class Meta:
        model = Contact
        fields = (
            "id",
            "customer",
            "customer_name",
            *_CONTACT_COLUMNS,
            "gender",
            "birth_date",
            "version",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields


class _OwnedInput(_InputSerializer):
    """A record under a customer: the customer is named on creation and never changes."""

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        if "customer" in fields:
            fields["customer"].queryset = Customer.objects.visible_to(self.context["request"].user)
            fields["customer"].required = True
        return fields


class ContactInput(_OwnedInput):
    class Meta:
        model = Contact
        fields: tuple[str, ...] = ("customer", *_CONTACT_COLUMNS)


class ContactUpdate(_OwnedInput):
    seen_version = serializers.IntegerField(write_only=True, required=True)

    class Meta:
        model = Contact
        fields = ("seen_version", *_CONTACT_COLUMNS)


class OpportunitySerializer(serializers.ModelSerializer):
    customer_name = serializers.CharField(source="customer.name", read_only=True)
    stage_name = serializers.CharField(source="get_stage_display", read_only=True)

    class Meta:
        model = Opportunity
        fields = (
            "id",
            "customer",
            "customer_name",
            *OPPORTUNITY_FIELDS,
            "stage",
            "stage_name",
            "probability",
            "stage_since",
            "last_activity_at",
            "biz_status",
            "lost_reason",
            "version",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields


class OpportunityInput(_OwnedInput):
    class Meta:
        model = Opportunity
        fields: tuple[str, ...] = ("customer", *OPPORTUNITY_FIELDS)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        fields["channel"].queryset = Customer.objects.channels_for(self.context["request"].user)
        return fields


class OpportunityUpdate(OpportunityInput):
    seen_version = serializers.IntegerField(write_only=True, required=True)

    class Meta:
        model = Opportunity
        fields = ("seen_version", *OPPORTUNITY_FIELDS)


class FollowUpSerializer(ModelInputSerializer):
    by = PersonSerializer(read_only=True)

    class Meta:
        model = FollowUp
        fields = ("id", "content", "next_follow_on", "by", "at")
        read_only_fields = ("id", "by", "at")


class StageChangeSerializer(serializers.ModelSerializer):
    by = PersonSerializer(read_only=True)

    class Meta:
        model = StageChange
        fields = ("id", "move", "from_stage", "to_stage", "days_in_stage", "by", "at", "note")


class ChangeRecordSerializer(serializers.ModelSerializer):
    actor = PersonSerializer(read_only=True)

    class Meta:
        model = ChangeRecord
        fields = ("id", "model", "object_id", "field", "field_label", "old", "new", "actor", "at")


class RelationSerializer(serializers.ModelSerializer):
    from_name = serializers.CharField(source="from_contact.name", read_only=True)
    to_name = serializers.CharField(source="to_contact.name", read_only=True)

    class Meta:
        model = InfluenceRelation
        fields = (
            "id",
            "from_contact",
            "from_name",
            "to_contact",
            "to_name",
            "influence_type",
            "strength",
            "note",
            "version",
        )


class PromoteRequest(InputSerializer):
    stage = serializers.ChoiceField(choices=Stage.choices)
    seen_version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class StepBackRequest(InputSerializer):
    stage = serializers.ChoiceField(choices=Stage.choices)
    seen_version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class LoseRequest(InputSerializer):
    lost_reason = serializers.ChoiceField(choices=LossReason.choices)
    seen_version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class RevealRequest(InputSerializer):
    field = serializers.ChoiceField(
        choices=sorted({name for names in SENSITIVE.values() for name in names})
    )
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class RevealAnswer(serializers.Serializer):
    field = serializers.CharField()
    value = serializers.CharField()


class OwnerRequest(InputSerializer):
    owner = serializers.PrimaryKeyRelatedField(queryset=Employee.objects.active())
    seen_version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class RelationRequest(InputSerializer):
    contacts = serializers.PrimaryKeyRelatedField(queryset=Contact.objects.none(), many=True)
    incoming = serializers.BooleanField(default=True)
    influence_type = serializers.ChoiceField(choices=InfluenceType.choices, required=False)
    strength = serializers.ChoiceField(
        choices=InfluenceStrength.choices, default=InfluenceStrength.MEDIUM
    )
    note = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        user = self.context["request"].user
        fields["contacts"].child_relation.queryset = Contact.objects.visible_to(user)
        return fields


class SubmissionSerializer(serializers.Serializer):
    """What a document of this customer still lacks before it may be submitted."""

    missing = serializers.SerializerMethodField()
    refusals = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_missing(self, page: Any) -> list[dict[str, str]]:
        return [{"field": name, "label": str(label)} for name, label in page["missing"]]

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_refusals(self, page: Any) -> list[dict[str, str]]:
        return [{"code": refusal.code, "detail": refusal.message} for refusal in page["refusals"]]
