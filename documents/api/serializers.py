"""Attachments and supplements as the API shows and takes them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from documents.models import Attachment, PrintRecord, Supplement
from lending_crm.common.api import InputSerializer
from staff.api.serializers import PersonSerializer


class AttachmentSerializer(serializers.ModelSerializer):
    category_label = serializers.CharField(read_only=True)
    size = serializers.IntegerField(source="file.size", read_only=True)
    sha256 = serializers.CharField(source="file.sha256", read_only=True)
    mime = serializers.CharField(source="file.mime", read_only=True)
    uploaded_by = PersonSerializer(read_only=True)

    class Meta:
        model = Attachment
        fields = (
            "id",
            "category",
            "category_label",
            "title",
            "file_name",
            "size",
            "sha256",
            "mime",
            "version",
            "uploaded_by",
            "uploaded_at",
        )
        read_only_fields = fields


class CategorySerializer(serializers.Serializer):
    """One category that the document offers."""

    code = serializers.CharField(source="category.code")
    label = serializers.CharField(source="category.label")  # type: ignore[assignment]
    is_required = serializers.BooleanField()
    is_missing = serializers.BooleanField()


class AttachmentListSerializer(serializers.Serializer):
    """The document's own attachments and what is still missing among them."""

    may_edit = serializers.BooleanField()
    categories = CategorySerializer(many=True)
    results = AttachmentSerializer(many=True)


class AttachmentInput(InputSerializer):
    title = serializers.CharField(help_text=_("at most 100 characters"))
    category = serializers.CharField()
    file = serializers.FileField(allow_empty_file=True)


class VersionInput(InputSerializer):
    file = serializers.FileField(allow_empty_file=True)
    title = serializers.CharField(required=False, default="", allow_blank=True)


class SupplementSerializer(serializers.ModelSerializer):
    creator = PersonSerializer(read_only=True)
    files = AttachmentSerializer(many=True, read_only=True)
    is_draft = serializers.BooleanField(read_only=True)

    class Meta:
        model = Supplement
        fields = (
            "id",
            "doc_no",
            "document",
            "subject",
            "note",
            "creator",
            "created_at",
            "submitted_at",
            "is_draft",
            "files",
        )
        read_only_fields = fields


class SupplementInput(InputSerializer):
    subject = serializers.CharField(help_text=_("at most 100 characters"))
    note = serializers.CharField(required=False, default="", allow_blank=True)


class PrintSerializer(serializers.ModelSerializer):
    """One print of a form; ``sha256`` is the hash that stands on the paper."""

    printed_by = PersonSerializer(read_only=True)

    class Meta:
        model = PrintRecord
        fields = ("id", "form", "number", "printed_by", "printed_at", "sha256", "reason")
        read_only_fields = fields


class PrintInput(InputSerializer):
    form = serializers.CharField(required=False, default="", allow_blank=True, max_length=40)
    reason = serializers.CharField(required=False, default="", allow_blank=True)
