"""Issues over HTTP: the desk's endpoints and the acts of levels and reporter."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from documents.api.desk import DeskViewSet
from issues.choices import Reason
from issues.models import REPORT_PARTS, IssueReport
from issues.services.issues import (
    answer_issue,
    confirm_answer,
    escalate_issue,
    escalate_overdue,
    refuse_answer,
    write_report,
)
from lending_crm.common.api import InputSerializer, ModelInputSerializer
from staff.views.request import ip_of


class IssueRecordInput(InputSerializer):
    text = serializers.CharField(max_length=2000)


class IssueReasonInput(IssueRecordInput):
    reason = serializers.ChoiceField(choices=Reason.choices)


class IssueReportInput(ModelInputSerializer):
    """The parts that are sent; ``seen_version`` of the report, none for its first words."""

    seen_version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)

    class Meta:
        model = IssueReport
        fields = (*REPORT_PARTS, "seen_version")


class IssueReportSerializer(serializers.ModelSerializer):
    class Meta:
        model = IssueReport
        fields = (*REPORT_PARTS, "version", "written_by", "written_at")
        read_only_fields = fields


class IssueViewSet(DeskViewSet):
    """Adds 答复, 升级, 确认, 异议, 逾期升级 and the report in eight parts."""

    @extend_schema(request=IssueRecordInput)
    @action(detail=True, methods=["post"], url_path="answer")
    def reply(self, request: Request, pk: str) -> Response:
        """答复, by whoever has the issue in his hands; the reporter confirms it (ISS-08)."""
        return self._act(answer_issue, IssueRecordInput)

    @extend_schema(request=IssueReasonInput)
    @action(detail=True, methods=["post"])
    def escalate(self, request: Request, pk: str) -> Response:
        """升级 to the next level, with a reason of the list (ISS-06)."""
        return self._act(escalate_issue, IssueReasonInput)

    @extend_schema(request=IssueRecordInput)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: str) -> Response:
        """确认 by the handler for the reporter: the issue closes."""
        return self._act(confirm_answer, IssueRecordInput)

    @extend_schema(request=IssueReasonInput)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        """异议: the next level deals with it."""
        return self._act(refuse_answer, IssueReasonInput)

    @extend_schema(request=IssueRecordInput)
    @action(detail=True, methods=["post"])
    def overdue(self, request: Request, pk: str) -> Response:
        """未按期回复: the handler takes it a level up (ISS-07)."""
        return self._act(escalate_overdue, IssueRecordInput)

    @extend_schema(request=IssueReportInput, responses=IssueReportSerializer)
    @action(detail=True, methods=["post"])
    def report(self, request: Request, pk: str) -> Response:
        """8D 报告: write the parts that are sent, by whoever has the issue in his hands."""
        issue = self.get_object()
        given = self.read(IssueReportInput)
        version = given.pop("seen_version", None)
        report = write_report(
            issue_id=issue.pk,
            values=given,
            version=version,
            actor=self.actor,
            now=timezone.now(),
            ip=ip_of(request._request),
        )
        return Response(IssueReportSerializer(report).data)

    def _act(self, act: Any, shape: type[InputSerializer]) -> Response:
        issue = self.get_object()
        act(issue_id=issue.pk, actor=self.actor, now=timezone.now(), **self.read(shape))
        return self.answer(issue.pk)
