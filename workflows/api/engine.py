"""The engine's health, its parked timers and the limits of running cases, in the API."""

from __future__ import annotations

from decimal import Decimal

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from lending_crm.common.api import InputSerializer
from lending_crm.common.models import OutboxMessage
from workflows.api.runs import AdministratorView
from workflows.models import Timer
from workflows.screens.health import load_health
from workflows.screens.limits import limit_rows
from workflows.services import limits, timers
from workflows.views.administration import version_or_404


class BoundedCountSerializer(serializers.Serializer):
    number = serializers.IntegerField(help_text="Counting stops at 999.")
    is_capped = serializers.BooleanField(help_text="There are more than that.")


class QueueSerializer(serializers.Serializer):
    due = BoundedCountSerializer()
    late = BoundedCountSerializer(help_text="Due for more than a minute.")
    retried = BoundedCountSerializer(help_text="Tried before without success.")
    oldest_at = serializers.DateTimeField(allow_null=True)


class TimerSerializer(serializers.ModelSerializer):
    """``percent`` of the stage's limit, or ``element_id`` of a timer of the route."""

    case = serializers.IntegerField(source="stage.process_id", read_only=True)
    doc_no = serializers.CharField(source="stage.process.doc_no", read_only=True)
    step = serializers.CharField(source="stage.title", read_only=True)

    class Meta:
        model = Timer
        fields = (
            "id", "case", "doc_no", "step", "kind", "percent", "element_id", "due_at", "state",
            "attempts", "last_error",
        )  # fmt: skip
        read_only_fields = fields


class ParkedMessageSerializer(serializers.ModelSerializer):
    class Meta:
        model = OutboxMessage
        fields = ("id", "topic", "created_at", "parked_at", "attempts", "last_error")
        read_only_fields = fields


class UnattendedSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    doc_no = serializers.CharField()
    step = serializers.CharField(allow_null=True)
    submitted_at = serializers.DateTimeField()
    is_told = serializers.BooleanField(help_text="The administrators know that it lacks people.")
    is_attended = serializers.BooleanField(
        help_text="A seat is empty, and others at the step can act meanwhile."
    )


class SlowStepSerializer(serializers.Serializer):
    kind = serializers.CharField()
    title = serializers.CharField()
    answers = serializers.IntegerField()
    median = serializers.FloatField(help_text="Working hours.")
    p90 = serializers.FloatField(help_text="Working hours.")


class HealthSerializer(serializers.Serializer):
    is_well = serializers.BooleanField()
    outbox = QueueSerializer()
    parked_messages = ParkedMessageSerializer(many=True)
    timers = QueueSerializer()
    parked_timers = TimerSerializer(many=True)
    unattended = UnattendedSerializer(many=True)
    slowest = SlowStepSerializer(many=True)


class DropInput(InputSerializer):
    reason = serializers.CharField(max_length=200)


class LimitSerializer(serializers.Serializer):
    node_id = serializers.CharField()
    title = serializers.CharField()
    own = serializers.DecimalField(max_digits=9, decimal_places=2, allow_null=True)
    changed = serializers.DecimalField(max_digits=9, decimal_places=2, allow_null=True)
    open_steps = serializers.IntegerField()


class LimitInput(InputSerializer):
    """Without ``hours`` the route's own limit holds again."""

    node_id = serializers.CharField(max_length=100)
    hours = serializers.DecimalField(
        max_digits=7, decimal_places=2, min_value=Decimal("0.01"), allow_null=True
    )
    reason = serializers.CharField(max_length=200)


class HealthView(AdministratorView):
    @extend_schema(operation_id="engine_health", responses=HealthSerializer)
    def get(self, request: Request) -> Response:
        """What is due, late, parked or slow, and live cases that nobody can act on."""
        return Response(HealthSerializer(load_health(now=timezone.now())).data)


class RetryTimerView(AdministratorView):
    @extend_schema(operation_id="timers_retry", request=None, responses=TimerSerializer)
    def post(self, request: Request, timer_id: int) -> Response:
        """Give a parked timer a fresh start."""
        timer = timers.retry_timer(timer_id=timer_id, actor=request.user, now=timezone.now())
        return Response(TimerSerializer(timer).data)


class DropTimerView(AdministratorView):
    @extend_schema(operation_id="timers_drop", request=DropInput, responses=TimerSerializer)
    def post(self, request: Request, timer_id: int) -> Response:
        """Give a parked timer up; the case's history keeps who and why."""
        asked = DropInput(data=request.data)
        asked.is_valid(raise_exception=True)
        timer = timers.drop_timer(
            timer_id=timer_id, actor=request.user, now=timezone.now(), **asked.validated_data
        )
        return Response(TimerSerializer(timer).data)


class RetryMessageView(AdministratorView):
    @extend_schema(operation_id="outbox_retry", request=None, responses=ParkedMessageSerializer)
    def post(self, request: Request, message_id: int) -> Response:
        """Give a parked message a fresh start."""
        message = timers.retry_message(
            message_id=message_id, actor=request.user, now=timezone.now()
        )
        return Response(ParkedMessageSerializer(message).data)


class LimitsView(AdministratorView):
    @extend_schema(operation_id="flow_versions_limits", responses=LimitSerializer(many=True))
    def get(self, request: Request, version_id: int) -> Response:
        """The time limits of a version's stages, in working hours."""
        return Response(LimitSerializer(limit_rows(version_or_404(version_id)), many=True).data)

    @extend_schema(
        operation_id="flow_versions_change_limit",
        request=LimitInput,
        responses=LimitSerializer(many=True),
    )
    def post(self, request: Request, version_id: int) -> Response:
        """Change a stage's limit for the cases that run on the version; open items are re-timed."""
        asked = LimitInput(data=request.data)
        asked.is_valid(raise_exception=True)
        limits.change_limit(
            version_id=version_id, actor=request.user, now=timezone.now(), **asked.validated_data
        )
        return Response(LimitSerializer(limit_rows(version_or_404(version_id)), many=True).data)
