"""Replays and migrations in the API: ask for one, look at it, stop it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone, translation
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lending_crm.common.api import InputSerializer
from lending_crm.common.api_pages import CursorPages
from lending_crm.common.errors import not_found
from workflows import errors
from workflows.api.serializers import PreviewStepSerializer
from workflows.menu import may_configure
from workflows.models import FlowVersion, Replay, ReplayDifference
from workflows.screens.replays import Titles, difference_words
from workflows.screens.trial import preview_version
from workflows.services import replays


class ByKey(CursorPages):
    ordering = "-id"


class AdministratorView(APIView):
    """Flows are configured by information administrators; everybody else gets a 403."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not may_configure(request.user):
            raise errors.administrators_only()


class PagedView(AdministratorView):
    def paged(
        self, rows: QuerySet[Any], serializer: type[serializers.Serializer], **context: Any
    ) -> Response:
        paginator = ByKey()
        try:
            page = paginator.paginate_queryset(rows, self.request, view=self)
        except ValueError as error:  # a cursor that was not ours
            raise NotFound from error
        return paginator.get_paginated_response(serializer(page, many=True, context=context).data)


class ReplayInput(InputSerializer):
    last = serializers.IntegerField(min_value=1, max_value=replays.MOST_CASES, default=1_000)


class ReplaySerializer(serializers.ModelSerializer):
    requested_by = serializers.CharField(source="requested_by.name", read_only=True)
    is_current = serializers.BooleanField(
        read_only=True, help_text="False when the draft was edited after the replay."
    )

    class Meta:
        model = Replay
        fields = (
            "id", "version", "state", "requested_by", "requested_at", "finished_at", "total",
            "seen", "changed", "stuck", "sha256", "is_current",
        )  # fmt: skip
        read_only_fields = fields


class ReplayDifferenceSerializer(serializers.ModelSerializer):
    """``detail``: waves of steps before and after, added, removed, people by step."""

    doc_no = serializers.CharField(source="case.doc_no", read_only=True)
    ran_on = serializers.IntegerField(source="flow_version.number", read_only=True)
    words = serializers.SerializerMethodField()

    class Meta:
        model = ReplayDifference
        fields = ("id", "case", "doc_no", "ran_on", "signature", "words", "detail")
        read_only_fields = fields

    def get_words(self, row: ReplayDifference) -> list[str]:
        return difference_words(row, self.context["titles"])


class ReplaysView(AdministratorView):
    @extend_schema(
        operation_id="flow_versions_replay", request=ReplayInput, responses={202: ReplaySerializer}
    )
    def post(self, request: Request, version_id: int) -> Response:
        """Run the version over the last finished cases; the one that runs already is answered."""
        asked = ReplayInput(data=request.data)
        asked.is_valid(raise_exception=True)
        replay = replays.request_replay(
            version_id=version_id,
            actor=request.user,
            now=timezone.now(),
            last=asked.validated_data["last"],
        )
        return Response(ReplaySerializer(replay).data, status=202)


class ReplayView(AdministratorView):
    @extend_schema(operation_id="replays_retrieve", responses=ReplaySerializer)
    def get(self, request: Request, replay_id: int) -> Response:
        """How far the replay is and how many cases would have gone another way."""
        return Response(ReplaySerializer(_replay(replay_id)).data)


class ReplayCasesView(PagedView):
    @extend_schema(
        operation_id="replays_cases",
        parameters=[OpenApiParameter("signature", str), OpenApiParameter("cursor", str)],
        responses=ReplayDifferenceSerializer(many=True),
    )
    def get(self, request: Request, replay_id: int) -> Response:
        """The cases that would have gone another way, newest first."""
        replay = _replay(replay_id)
        titles = Titles(replay.version, replay.bpmn)
        rows = replay.differences.select_related("case", "flow_version")
        signature = request.query_params.get("signature", "").replace("\x00", "")
        if signature:
            rows = rows.filter(signature=signature)
        return self.paged(rows, ReplayDifferenceSerializer, titles=titles)


class CancelReplayView(AdministratorView):
    @extend_schema(operation_id="replays_cancel", request=None, responses=ReplaySerializer)
    def post(self, request: Request, replay_id: int) -> Response:
        """Stop the replay; what it found so far stays."""
        replay = replays.cancel_replay(replay_id=replay_id, actor=request.user, now=timezone.now())
        return Response(ReplaySerializer(replay).data)


class VersionPreviewView(AdministratorView):
    @extend_schema(
        operation_id="flow_versions_preview",
        parameters=[OpenApiParameter("document", str, required=True)],
        responses=PreviewStepSerializer(many=True),
    )
    def get(self, request: Request, version_id: int) -> Response:
        """The chain with people that a document (by its number) would take, also of a draft."""
        version = FlowVersion.objects.select_related("definition").filter(pk=version_id).first()
        if version is None:
            raise not_found()
        steps = preview_version(
            version,
            request.query_params.get("document", ""),
            now=timezone.now(),
            language=translation.get_language() or "zh-hans",
        )
        return Response(PreviewStepSerializer(steps, many=True).data)


def _replay(replay_id: int) -> Replay:
    found = (
        Replay.objects.select_related("version__definition", "requested_by")
        .filter(pk=replay_id)
        .first()
    )
    if found is None:
        raise not_found()
    return found
