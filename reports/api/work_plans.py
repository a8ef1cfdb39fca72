"""Work plans over HTTP: the same services as the pages."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from customers.models import Customer
from lending_crm.common.api import (
    IDEMPOTENCY_KEY,
    InputSerializer,
    idempotency_key,
    seen_version,
)
from reports.api.work_reports import NewestFirst
from reports.choices import PlanType
from reports.models import PlanComment, PlanTask, WorkPlan
from reports.selectors.work_plans import visible_plans
from reports.services import work_plans as services
from staff.api.serializers import PersonSerializer
from staff.models import Employee

_TASK = OpenApiParameter("task_id", int, OpenApiParameter.PATH)


class PlanTaskSerializer(serializers.ModelSerializer):
    added_by = PersonSerializer(read_only=True)
    has_photo = serializers.SerializerMethodField()

    class Meta:
        model = PlanTask
        fields = (
            "id", "content", "customer", "due_on", "is_visit", "state", "outcome", "place",
            "has_photo", "finished_at", "added_by", "added_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_has_photo(self, task: PlanTask) -> bool:
        return task.photo_id is not None


class PlanCommentSerializer(serializers.ModelSerializer):
    by = PersonSerializer(read_only=True)

    class Meta:
        model = PlanComment
        fields = ("id", "content", "by", "at")
        read_only_fields = fields


class WorkPlanSerializer(serializers.ModelSerializer):
    author = PersonSerializer(read_only=True)
    tasks = PlanTaskSerializer(many=True, read_only=True)
    comments = PlanCommentSerializer(many=True, read_only=True)

    class Meta:
        model = WorkPlan
        fields = (
            "id", "plan_no", "plan_type", "starts_on", "ends_on", "goals", "author", "branch",
            "department", "tasks", "comments", "version", "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = fields


class WorkPlanInput(InputSerializer):
    """``day`` is any day of the period."""

    plan_type = serializers.ChoiceField(choices=PlanType.choices)
    day = serializers.DateField()
    goals = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class WorkPlanUpdate(InputSerializer):
    goals = serializers.CharField(max_length=2000, allow_blank=True)
    seen_version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)


class PlanTaskInput(InputSerializer):
    content = serializers.CharField(max_length=200)
    customer = serializers.PrimaryKeyRelatedField(
        queryset=Customer.objects.all(), required=False, allow_null=True
    )
    due_on = serializers.DateField(required=False, allow_null=True)
    is_visit = serializers.BooleanField(required=False, default=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        request = self.context.get("request")
        if request is not None:  # a customer out of sight is as unknown as one that is not there
            field = cast(serializers.PrimaryKeyRelatedField, self.fields["customer"])
            field.queryset = Customer.objects.visible_to(request.user)


class FinishInput(InputSerializer):
    """``photo`` is sent as multipart; only a visit has ``place`` and ``photo``."""

    is_done = serializers.BooleanField()
    outcome = serializers.CharField(max_length=500, required=False, allow_blank=True)
    place = serializers.CharField(max_length=200, required=False, allow_blank=True)
    photo = serializers.FileField(required=False, max_length=255)


class PlanCommentInput(InputSerializer):
    content = serializers.CharField(max_length=2000)


class WorkPlanViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """One's own plans and those of the people below."""

    queryset = WorkPlan.objects.none()
    serializer_class = WorkPlanSerializer
    pagination_class = NewestFirst
    filter_backends: list[Any] = []
    lookup_value_regex = r"\d{1,18}"

    @property
    def actor(self) -> Employee:
        return cast(Employee, self.request.user)

    def get_queryset(self) -> QuerySet[WorkPlan]:
        return visible_plans(self.actor).prefetch_related("tasks__added_by", "comments__by")

    @extend_schema(
        request=WorkPlanInput, responses={201: WorkPlanSerializer}, parameters=[IDEMPOTENCY_KEY]
    )
    def create(self, request: Request) -> Response:
        """Begin a plan of one's own; one a type and period (PLN-01)."""
        key = self._creation_key()
        data = self._read(WorkPlanInput)
        plan = services.create_plan(data=data, creation_key=key, **self._act())
        return self._answer(plan, code=status.HTTP_201_CREATED)

    @extend_schema(request=WorkPlanUpdate, responses=WorkPlanSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Word the goals anew; WF-12 when ``seen_version`` is not the stored one."""
        plan: WorkPlan = self.get_object()
        services.ensure_running(plan, now=timezone.now(), author=self.actor)
        version = seen_version(request)
        goals = self._read(WorkPlanUpdate)["goals"]
        services.update_plan(plan=plan, goals=goals, version=version, **self._act())
        return self._answer(plan)

    @extend_schema(
        request=PlanTaskInput, responses={201: WorkPlanSerializer}, parameters=[IDEMPOTENCY_KEY]
    )
    @action(detail=True, methods=["post"])
    def tasks(self, request: Request, pk: str) -> Response:
        """Add a task, by the author or a superior."""
        plan = self.get_object()
        key = self._creation_key()
        data = self._read(PlanTaskInput)
        services.add_task(plan=plan, data=data, creation_key=key, **self._act())
        return self._answer(plan, code=status.HTTP_201_CREATED)

    @extend_schema(request=FinishInput, responses=WorkPlanSerializer, parameters=[_TASK])
    @action(
        detail=True,
        methods=["post"],
        url_path=r"tasks/(?P<task_id>\d{1,18})/finish",
        parser_classes=[JSONParser, MultiPartParser],
    )
    def finish(self, request: Request, pk: str, task_id: str) -> Response:
        """Done, or why not; once (PLN-03)."""
        task = self._task(task_id)
        data = self._read(FinishInput)
        services.finish_task(task=task, **data, **self._act())
        return self._answer(task.plan)

    @extend_schema(request=None, responses=WorkPlanSerializer, parameters=[_TASK])
    @action(detail=True, methods=["post"], url_path=r"tasks/(?P<task_id>\d{1,18})/remove")
    def remove(self, request: Request, pk: str, task_id: str) -> Response:
        """Take an open task off the plan, by whoever added it."""
        task = self._task(task_id)
        services.remove_task(task=task, **self._act())
        return self._answer(task.plan)

    @extend_schema(
        request=PlanCommentInput,
        responses={201: PlanCommentSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @action(detail=True, methods=["post"])
    def comments(self, request: Request, pk: str) -> Response:
        """Write below a plan in sight."""
        plan = self.get_object()
        key = self._creation_key()
        content = self._read(PlanCommentInput)["content"]
        comment = services.comment_on_plan(
            plan=plan, content=content, creation_key=key, **self._act()
        )
        return Response(PlanCommentSerializer(comment).data, status=status.HTTP_201_CREATED)

    def _task(self, task_id: str) -> PlanTask:
        plan = self.get_object()
        return get_object_or_404(plan.tasks.select_related("plan"), pk=int(task_id))

    def _act(self) -> dict[str, Any]:
        return {"actor": self.actor, "now": timezone.now()}

    def _creation_key(self) -> uuid.UUID:
        mark = f"plan-{self.action}:{self.actor.pk}:{idempotency_key(self.request)}"
        return uuid.uuid5(uuid.NAMESPACE_URL, mark)

    def _read(self, serializer: type[InputSerializer]) -> dict[str, Any]:
        found = serializer(data=self.request.data, context=self.get_serializer_context())
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    def _answer(self, plan: WorkPlan, *, code: int = status.HTTP_200_OK) -> Response:
        stored = self.get_queryset().get(pk=plan.pk)
        return Response(self.get_serializer(stored).data, status=code)
