"""Text messages over HTTP; numbers are masked, whoever asks (N25)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from customers.models import Contact, Customer
from lending_crm.common.api import InputSerializer
from sms.choices import SENT_KINDS, Usage
from sms.models import SmsMessage, SmsTemplate, TemplateVersion


class SmsMessageSerializer(serializers.ModelSerializer):
    template = serializers.CharField(
        source="template_version.template.name", default="", read_only=True
    )
    template_number = serializers.IntegerField(
        source="template_version.number", default=None, read_only=True, allow_null=True
    )
    by = serializers.CharField(source="by.name", default="", read_only=True)

    class Meta:
        model = SmsMessage
        fields = [
            "id",
            "kind",
            "status",
            "customer",
            "contact",
            "recipient",
            "number_masked",
            "text",
            "template",
            "template_number",
            "by",
            "created_at",
            "not_before",
            "sent_at",
            "reported_at",
            "attempts",
            "gateway",
            "gateway_id",
            "error",
        ]
        read_only_fields = fields


class SendRequest(InputSerializer):
    """To a ``customer`` or to a ``contact``, never both."""

    customer = serializers.PrimaryKeyRelatedField(queryset=Customer.objects.none(), required=False)
    contact = serializers.PrimaryKeyRelatedField(queryset=Contact.objects.none(), required=False)
    template = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    values = serializers.DictField(
        child=serializers.CharField(max_length=60, allow_blank=True), required=False
    )

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None and request.user.is_authenticated:
            customers = Customer.objects.visible_to(request.user).select_related("owner")
            contacts = Contact.objects.visible_to(request.user)
            fields["customer"].queryset = customers
            fields["contact"].queryset = contacts.select_related("customer__owner")
        return fields

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if ("customer" in data) == ("contact" in data):
            raise serializers.ValidationError(
                {"customer": self.fields["customer"].error_messages["required"]}
            )
        return data


class TemplateVersionSerializer(serializers.ModelSerializer):
    class Meta:
        model = TemplateVersion
        fields = ["id", "number", "text", "state", "created_at", "decided_at", "note"]
        read_only_fields = fields


class SmsTemplateSerializer(serializers.ModelSerializer):
    versions = serializers.SerializerMethodField()

    class Meta:
        model = SmsTemplate
        fields = ["id", "name", "kind", "usage", "is_active", "version", "versions"]
        read_only_fields = fields

    @extend_schema_field(TemplateVersionSerializer(many=True))
    def get_versions(self, template: SmsTemplate) -> Any:
        return TemplateVersionSerializer(template.versions.all(), many=True).data


class TemplateInput(InputSerializer):
    name = serializers.CharField(max_length=60)
    kind = serializers.ChoiceField(choices=SENT_KINDS)
    usage = serializers.ChoiceField(choices=Usage.choices, required=False, allow_blank=True)
    text = serializers.CharField(max_length=400)


class TextInput(InputSerializer):
    text = serializers.CharField(max_length=400)


class DecisionInput(InputSerializer):
    """``version`` is the number of the text that was read; ``note`` is needed to reject it."""

    version = serializers.IntegerField(min_value=1, max_value=32767)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)
