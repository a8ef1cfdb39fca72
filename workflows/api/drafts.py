"""The draft of a flow as BPMN 2.0: read it, check it, save it, publish it."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from lending_crm.common.api import InputSerializer, seen_version
from lending_crm.common.errors import DomainError, not_found
from workflows import errors
from workflows.api.exchange import FindingSerializer, FlowView
from workflows.choices import VersionState
from workflows.menu import may_configure
from workflows.models import FlowDefinition, FlowVersion
from workflows.screens.designer import assessment
from workflows.services import definitions

#: far above what a route may have; the reader says what is too large
_TEXT_AT_MOST = 12_000_000
_IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER,
    description="The ETag of the draft that was read; or send seen_version.",
)  # fmt: skip


class AssessmentSerializer(serializers.Serializer):
    findings = FindingSerializer(many=True)
    conditions = serializers.DictField(
        child=serializers.CharField(), help_text="conditions in words by the id of their flow"
    )


class DraftSerializer(AssessmentSerializer):
    id = serializers.IntegerField()
    number = serializers.IntegerField()
    revision = serializers.IntegerField(help_text="send it back as seen_version")
    bpmn = serializers.CharField()


class RouteInput(InputSerializer):
    bpmn = serializers.CharField(
        max_length=_TEXT_AT_MOST, trim_whitespace=False, help_text="BPMN 2.0 XML"
    )


class DraftInput(RouteInput):
    seen_version = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)


class PublishInput(InputSerializer):
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)
    seen_version = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)


class PublishedSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    number = serializers.IntegerField()
    state = serializers.CharField()


def seen_revision(request: Request) -> int:
    """From ``If-Match`` or ``seen_version``; SYS-400 for neither, or for what is no revision."""
    tag = request.headers.get("If-Match", "").strip()
    if not tag:
        return seen_version(request)
    number = tag.removeprefix("W/").strip('"')
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise DomainError(
            "SYS-400",
            _("If-Match is not the ETag of a draft."),
            status=400,
            field="If-Match",
        )
    return int(number)


def draft_answer(draft: FlowVersion) -> Response:
    kind = draft.definition.document_kind
    definition = definitions.read_route(draft.bpmn, kind)
    body = {
        "id": draft.pk,
        "number": draft.number,
        "revision": draft.revision,
        "bpmn": draft.bpmn,
        **assessment(definition, kind),
    }
    return Response(DraftSerializer(body).data, headers={"ETag": f'"{draft.revision}"'})


class DraftsView(FlowView):
    """For information administrators only."""

    def flow(self, flow_id: int) -> FlowDefinition:
        if not may_configure(self.request.user):
            raise errors.administrators_only()
        return super().flow(flow_id)

    def draft(self, flow_id: int) -> FlowVersion:
        flow = self.flow(flow_id)
        draft = flow.versions.filter(state=VersionState.DRAFT).first()
        if draft is None:
            raise not_found()
        draft.definition = flow
        return draft


class DraftView(DraftsView):
    @extend_schema(operation_id="flows_draft_read", responses=DraftSerializer)
    def get(self, request: Request, flow_id: int) -> Response:
        """The draft with its findings; 404 when there is none."""
        return draft_answer(self.draft(flow_id))

    @extend_schema(
        operation_id="flows_draft_save",
        parameters=[_IF_MATCH],
        request=DraftInput,
        responses=DraftSerializer,
    )
    def put(self, request: Request, flow_id: int) -> Response:
        """Save the draft, with or without findings; WF-12 when it was saved since it was read."""
        draft = self.draft(flow_id)
        taken = DraftInput(data=request.data)
        taken.is_valid(raise_exception=True)
        saved = definitions.save_drawing(
            version_id=draft.pk,
            actor=request.user,
            now=timezone.now(),
            bpmn=taken.validated_data["bpmn"],
            seen_revision=seen_revision(request),
        )
        return draft_answer(saved)

    @extend_schema(operation_id="flows_draft_start", request=None, responses={201: DraftSerializer})
    def post(self, request: Request, flow_id: int) -> Response:
        """Start a draft as a copy of the published version; the one there is when there is one."""
        flow = self.flow(flow_id)
        draft = definitions.start_draft(
            definition_id=flow.pk, actor=request.user, now=timezone.now()
        )
        answer = draft_answer(draft)
        answer.status_code = 201
        return answer


class CheckView(DraftsView):
    @extend_schema(
        operation_id="flows_draft_check", request=RouteInput, responses=AssessmentSerializer
    )
    def post(self, request: Request, flow_id: int) -> Response:
        """What the publish check says about a route; nothing is saved."""
        flow = self.flow(flow_id)
        taken = RouteInput(data=request.data)
        taken.is_valid(raise_exception=True)
        definition = definitions.read_route(taken.validated_data["bpmn"], flow.document_kind)
        return Response(AssessmentSerializer(assessment(definition, flow.document_kind)).data)


class PublishView(DraftsView):
    @extend_schema(
        operation_id="flows_draft_publish",
        parameters=[_IF_MATCH],
        request=PublishInput,
        responses=PublishedSerializer,
    )
    def post(self, request: Request, flow_id: int) -> Response:
        """Publish the draft; FLOW-01 names every error that is in the way."""
        draft = self.draft(flow_id)
        taken = PublishInput(data=request.data)
        taken.is_valid(raise_exception=True)
        published: Any = definitions.publish_version(
            version_id=draft.pk,
            actor=request.user,
            now=timezone.now(),
            note=taken.validated_data["note"],
            seen_revision=seen_revision(request),
        )
        return Response(PublishedSerializer(published).data)
