"""Work reports over HTTP: the same services as the pages."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from lending_crm.common.api import (
    IDEMPOTENCY_KEY,
    InputSerializer,
    idempotency_key,
    seen_version,
)
from lending_crm.common.api_pages import CursorPages
from reports.choices import ReportType
from reports.models import ReportComment, ReportReceiver, WorkReport
from reports.selectors.work_reports import visible_reports
from reports.services import work_reports as services
from staff.api.serializers import PersonSerializer
from staff.models import Employee


class NewestFirst(CursorPages):
    ordering = ("-starts_on", "-id")


class ReceiverSerializer(serializers.ModelSerializer):
    employee = PersonSerializer(read_only=True)

    class Meta:
        model = ReportReceiver
        fields = ("employee", "kind", "read_at")
        read_only_fields = fields


class ReportCommentSerializer(serializers.ModelSerializer):
    by = PersonSerializer(read_only=True)

    class Meta:
        model = ReportComment
        fields = ("id", "content", "by", "at")
        read_only_fields = fields


class FigureSerializer(serializers.Serializer):
    """``amount`` is in yuan; ``due`` says how many there should have been."""

    code = serializers.CharField()
    count = serializers.IntegerField()
    amount = serializers.DecimalField(max_digits=20, decimal_places=2, allow_null=True)
    due = serializers.IntegerField(allow_null=True)


class PlannedRowSerializer(serializers.Serializer):
    """A planned task as it stood when the table was generated."""

    plan_type = serializers.CharField()
    starts_on = serializers.DateField()
    content = serializers.CharField()
    customer = serializers.CharField(allow_blank=True)
    is_visit = serializers.BooleanField()
    state = serializers.CharField()
    outcome = serializers.CharField(allow_blank=True)


class WorkReportSerializer(serializers.ModelSerializer):
    author = PersonSerializer(read_only=True)
    figures = FigureSerializer(many=True, read_only=True)
    plan_rows = PlannedRowSerializer(many=True, read_only=True)
    receivers = ReceiverSerializer(many=True, read_only=True)
    comments = ReportCommentSerializer(many=True, read_only=True)

    class Meta:
        model = WorkReport
        fields = (
            "id", "report_no", "title", "report_type", "starts_on", "ends_on", "work_done",
            "problems", "next_plan", "figures", "plan_rows", "figures_at", "status", "author",
            "branch", "department", "submitted_at", "receivers", "comments", "version",
            "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = fields


class WorkReportInput(InputSerializer):
    """``day`` is any day of the period."""

    title = serializers.CharField(max_length=100)
    report_type = serializers.ChoiceField(choices=ReportType.choices)
    day = serializers.DateField()
    work_done = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    problems = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    next_plan = serializers.CharField(max_length=4000, required=False, allow_blank=True)


class WorkReportUpdate(WorkReportInput):
    seen_version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)


class TableInput(InputSerializer):
    objects = serializers.ListField(child=serializers.CharField(max_length=40), max_length=50)
    seen_version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)


def _people() -> serializers.PrimaryKeyRelatedField:
    return serializers.PrimaryKeyRelatedField(
        queryset=Employee.objects.active(), many=True, required=False, default=list
    )


class WorkReportSubmission(InputSerializer):
    receivers = _people()
    copies = _people()
    seen_version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)


class ReportCommentInput(InputSerializer):
    content = serializers.CharField(max_length=2000)


class WorkReportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """One's own reports, and submitted ones of people below or sent to the caller."""

    queryset = WorkReport.objects.none()
    serializer_class = WorkReportSerializer
    pagination_class = NewestFirst
    filter_backends: list[Any] = []
    lookup_value_regex = r"\d{1,18}"

    @property
    def actor(self) -> Employee:
        return cast(Employee, self.request.user)

    def get_queryset(self) -> QuerySet[WorkReport]:
        return visible_reports(self.actor).prefetch_related("receivers__employee", "comments__by")

    @extend_schema(
        request=WorkReportInput,
        responses={201: WorkReportSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    def create(self, request: Request) -> Response:
        """Begin a report of one's own."""
        key = self._creation_key()
        data = self._read(WorkReportInput)
        report = services.create_report(data=data, creation_key=key, **self._act())
        return self._answer(report, code=status.HTTP_201_CREATED)

    @extend_schema(request=WorkReportUpdate, responses=WorkReportSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a draft; WF-12 when ``seen_version`` is not the stored one."""
        report = self._own_draft()
        version = seen_version(request)
        data = self._read(WorkReportUpdate, partial=True)
        data.pop("seen_version", None)
        services.update_report(report=report, data=data, version=version, **self._act())
        return self._answer(report)

    @extend_schema(request=TableInput, responses=WorkReportSerializer)
    @action(detail=True, methods=["post"])
    def table(self, request: Request, pk: str) -> Response:
        """Count the named business objects in the report's period and keep the result."""
        report = self._own_draft()
        version = seen_version(request)
        objects = self._read(TableInput)["objects"]
        services.generate_table(report=report, objects=objects, version=version, **self._act())
        return self._answer(report)

    @extend_schema(request=WorkReportSubmission, responses=WorkReportSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Send it to superiors; from then on its content stays as it is."""
        report = self._own_draft()
        version = seen_version(request)
        data = self._read(WorkReportSubmission)
        services.submit_report(
            report=report,
            receivers=data["receivers"],
            copies=data["copies"],
            version=version,
            **self._act(),
        )
        return self._answer(report)

    @extend_schema(
        request=ReportCommentInput,
        responses={201: ReportCommentSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @action(detail=True, methods=["post"])
    def comments(self, request: Request, pk: str) -> Response:
        """Write below a submitted report."""
        report = self.get_object()
        key = self._creation_key()
        content = self._read(ReportCommentInput)["content"]
        comment = services.comment_on_report(
            report=report, content=content, creation_key=key, **self._act()
        )
        return Response(ReportCommentSerializer(comment).data, status=status.HTTP_201_CREATED)

    def _act(self) -> dict[str, Any]:
        return {"actor": self.actor, "now": timezone.now()}

    def _own_draft(self) -> WorkReport:
        """The draft, for its author alone, before anything sent is read."""
        report: WorkReport = self.get_object()
        services.ensure_draft_of(report, self.actor)
        return report

    def _creation_key(self) -> uuid.UUID:
        mark = f"{self.action}:{self.actor.pk}:{idempotency_key(self.request)}"
        return uuid.uuid5(uuid.NAMESPACE_URL, mark)

    def _read(self, serializer: type[InputSerializer], *, partial: bool = False) -> dict[str, Any]:
        found = serializer(data=self.request.data, partial=partial)
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    def _answer(self, report: WorkReport, *, code: int = status.HTTP_200_OK) -> Response:
        stored = self.get_queryset().get(pk=report.pk)
        return Response(self.get_serializer(stored).data, status=code)
