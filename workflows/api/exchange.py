"""Routes as BPMN 2.0 files: check, import, export and compare, as the page and the command."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lending_crm.common.api import InputSerializer
from lending_crm.common.errors import not_found
from workflows import errors
from workflows.bpmn.compare import compare
from workflows.bpmn.file_text import BYTES_AT_MOST
from workflows.choices import VersionState
from workflows.definitions import parse
from workflows.exchange import FileCheck, check_file
from workflows.kinds import kind_for
from workflows.menu import may_configure
from workflows.models import FlowDefinition, FlowVersion
from workflows.screens.flows import Names
from workflows.services.definitions import import_route


class FindingSerializer(serializers.Serializer):
    """What was found at one element; ``element_id`` is empty for the file as a whole."""

    code = serializers.CharField()
    severity = serializers.CharField()
    element_id = serializers.CharField()
    element_name = serializers.CharField()
    message = serializers.CharField()


class FileCheckSerializer(serializers.Serializer):
    is_accepted = serializers.BooleanField()
    errors = FindingSerializer(many=True)  # type: ignore[assignment]
    notes = FindingSerializer(many=True, help_text=_("what is not taken over"))
    to_do = FindingSerializer(many=True, help_text=_("what keeps it from being published"))


class BpmnFileInput(InputSerializer):
    file = serializers.FileField(allow_empty_file=True)

    def content(self) -> bytes:
        """The bytes, one more than allowed at most: the reader refuses what is too large."""
        return bytes(self.validated_data["file"].read(BYTES_AT_MOST + 1))


class ImportInput(BpmnFileInput):
    replaces_revision = serializers.IntegerField(
        required=False,
        default=None,
        min_value=0,
        max_value=2**31 - 1,
        help_text=_("the revision of the draft that the file may replace"),
    )


class ImportedSerializer(FileCheckSerializer):
    version = serializers.IntegerField()
    revision = serializers.IntegerField()


class RouteChangeSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=["added", "removed", "changed"])
    element_id = serializers.CharField()
    what = serializers.CharField()
    title = serializers.CharField()
    details = serializers.ListField(child=serializers.CharField())


def _told(found: FileCheck, **more: Any) -> dict[str, Any]:
    parts = {"errors": found.errors, "notes": found.notes, "to_do": found.to_do}
    return {"is_accepted": found.is_accepted, **parts, **more}


class FlowView(APIView):
    """Below one flow. Drafts are for information administrators; to others they do not exist."""

    def flow(self, flow_id: int) -> FlowDefinition:
        found = FlowDefinition.objects.filter(pk=flow_id).first()
        if found is None:
            raise not_found()
        return found

    def version(self, flow_id: int, number: int) -> FlowVersion:
        rows = self.flow(flow_id).versions.select_related("definition")
        if not may_configure(self.request.user):
            rows = rows.exclude(state=VersionState.DRAFT)
        found = rows.filter(number=min(number, 2**31 - 1)).first()
        if found is None:
            raise not_found()
        return found


class CheckView(FlowView):
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="flows_check",
        request={"multipart/form-data": BpmnFileInput},
        responses=FileCheckSerializer,
    )
    def post(self, request: Request, flow_id: int) -> Response:
        """What a file would become in this flow; changes nothing."""
        if not may_configure(request.user):
            raise errors.administrators_only()
        taken = BpmnFileInput(data=request.data)
        taken.is_valid(raise_exception=True)
        found = check_file(taken.content(), self.flow(flow_id).document_kind)
        return Response(FileCheckSerializer(_told(found)).data)


class ImportView(FlowView):
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="flows_import",
        request={"multipart/form-data": ImportInput},
        responses={201: ImportedSerializer},
    )
    def post(self, request: Request, flow_id: int) -> Response:
        """Make a file the draft of this flow; 422 lists every reason why it cannot be one."""
        if not may_configure(request.user):
            raise errors.administrators_only()
        taken = ImportInput(data=request.data)
        taken.is_valid(raise_exception=True)
        content = taken.content()
        draft = import_route(
            definition_id=flow_id,
            actor=request.user,
            now=timezone.now(),
            data=content,
            replaces_revision=taken.validated_data["replaces_revision"],
        )
        found = check_file(content, draft.definition.document_kind)
        answer = _told(found, version=draft.number, revision=draft.revision)
        return Response(ImportedSerializer(answer).data, status=status.HTTP_201_CREATED)


class ExportView(FlowView):
    @extend_schema(
        operation_id="flows_export", responses={(200, "application/xml"): OpenApiTypes.STR}
    )
    def get(self, request: Request, flow_id: int, number: int) -> HttpResponse:
        """One version as BPMN 2.0."""
        found = self.version(flow_id, number)
        return HttpResponse(found.bpmn, content_type="application/xml; charset=utf-8")


class DiffView(FlowView):
    @extend_schema(
        operation_id="flows_diff",
        parameters=[
            OpenApiParameter("before", int, required=True, description="number of a version"),
            OpenApiParameter("after", int, required=True, description="number of a version"),
        ],
        responses=RouteChangeSerializer(many=True),
    )
    def get(self, request: Request, flow_id: int) -> Response:
        """What differs between two versions, element by element."""
        taken = _Two(data=request.query_params)
        taken.is_valid(raise_exception=True)
        versions = [self.version(flow_id, taken.validated_data[n]) for n in ("before", "after")]
        kind = kind_for(versions[0].definition.document_kind)
        old, new = (parse(version.bpmn, kind.code) for version in versions)
        changes = compare(old, new, facts=kind.condition_facts, resolve=Names(old, new))
        return Response(RouteChangeSerializer(changes, many=True).data)


class _Two(serializers.Serializer):
    before = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    after = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
