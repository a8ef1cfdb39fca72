"""Requests over HTTP: the desk's endpoints, the export by an approved one and its file."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from documents.api.desk import DeskViewSet
from lending_crm.common.errors import not_found
from lending_crm.common.exports.runs import open_list_export
from lending_crm.common.exports.views import XLSX
from lending_crm.common.models import ExportRun
from privacy.selectors.exports import runs_of
from privacy.services.exports import export_approved
from staff.views.request import ip_of


class FullExportSerializer(serializers.ModelSerializer):
    """An export made by a request; its file is fetched from ``file`` once it is done."""

    class Meta:
        model = ExportRun
        fields = ("id", "request_no", "opens", "state", "rows", "at", "open_until")
        read_only_fields = fields


class ExportRequestViewSet(DeskViewSet):
    """Adds the export in full and its file, for the applicant of an approved request."""

    @extend_schema(request=None, responses={201: FullExportSerializer})
    @action(detail=True, methods=["post"])
    def export(self, request: Request, pk: str) -> Response:
        """The workbook that was approved (PEX-06 … PEX-09); a large one is made by the worker."""
        run = export_approved(
            request_id=self.get_object().pk,
            actor=self.actor,
            now=timezone.now(),
            ip=ip_of(request._request),
        )
        return Response(FullExportSerializer(run).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={(200, XLSX): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str) -> FileResponse:
        """The newest workbook of the request; each time goes into the log (EXP-03, EXP-04)."""
        newest: Any = runs_of(self.get_object()).filter(actor=self.actor).first()
        if newest is None:
            raise not_found()
        run, stream = open_list_export(
            run_id=newest.pk,
            actor=self.actor,
            now=timezone.now(),
            ip=ip_of(request._request),
        )
        response = FileResponse(
            stream, as_attachment=True, filename=f"{run.request_no}.xlsx", content_type=XLSX
        )
        response["Cache-Control"] = "private, no-store"
        return response
