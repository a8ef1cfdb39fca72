"""Exports of whole cases: as the page, with the same record of who took what out."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from documents.audit.rights import check_may_export
from documents.choices import ExportForm
from documents.models import AuditExport
from documents.responses import export_response
from documents.selectors import exports_of, visible_case
from documents.services.audit import open_export, request_export
from lending_crm.common.api import InputSerializer
from staff.api.serializers import PersonSerializer


class ExportInput(InputSerializer):
    form = serializers.ChoiceField(choices=ExportForm.choices)


class ExportSerializer(serializers.ModelSerializer):
    requested_by = PersonSerializer(read_only=True)
    is_mine = serializers.SerializerMethodField(help_text="only who asked may fetch the file")

    class Meta:
        model = AuditExport
        fields = (
            "id", "case", "form", "state", "requested_by", "requested_at", "finished_at", "done",
            "total", "size", "event_count", "last_hash", "fingerprint", "error", "is_kept",
            "is_mine",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.BooleanField)
    def get_is_mine(self, export: AuditExport) -> Any:
        return export.requested_by_id == self.context["request"].user.pk


class ExportCollection(APIView):
    @extend_schema(operation_id="case_exports", responses=ExportSerializer(many=True))
    def get(self, request: Request, case_id: int) -> Response:
        """Who took the case out of the system, the latest first."""
        case = visible_case(case_id, request.user)
        check_may_export(case, request.user)
        found = ExportSerializer(exports_of(case), many=True, context={"request": request})
        return Response(found.data)

    @extend_schema(
        operation_id="case_export", request=ExportInput, responses={201: ExportSerializer}
    )
    def post(self, request: Request, case_id: int) -> Response:
        """Make an export; a large one is WAITING until the worker has made it."""
        taken = ExportInput(data=request.data)
        visible_case(case_id, request.user)
        taken.is_valid(raise_exception=True)
        export = request_export(
            case_id=case_id,
            form=taken.validated_data["form"],
            actor=request.user,
            now=timezone.now(),
        )
        answer = ExportSerializer(export, context={"request": request})
        return Response(answer.data, status=status.HTTP_201_CREATED)


class ExportFile(APIView):
    @extend_schema(
        operation_id="export_file",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, export_id: int) -> HttpResponse:
        """The file of an export that the caller asked for."""
        return export_response(*open_export(export_id=export_id, actor=request.user))
