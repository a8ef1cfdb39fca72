"""Standing delegations: read, set and end them; the same services as the page."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from lending_crm.common.api import InputSerializer
from lending_crm.common.api_pages import CursorPages
from lending_crm.common.money import MAX_AMOUNT
from staff.api.serializers import PersonSerializer
from staff.models import Delegation, Employee
from staff.selectors.delegations import delegation_list
from staff.services.delegations import NOTE_LENGTH, end_delegation, give_delegation


class NewestFirst(CursorPages):
    ordering = ("-starts_at", "-id")


class DelegationSerializer(serializers.ModelSerializer):
    principal = PersonSerializer(read_only=True)
    delegate = PersonSerializer(read_only=True)
    state = serializers.SerializerMethodField()

    class Meta:
        model = Delegation
        fields = [
            "id", "principal", "delegate", "document_kind", "max_amount", "starts_at", "ends_at",
            "moves_open_items", "note", "created_at", "ended_at", "state",
        ]  # fmt: skip
        read_only_fields = fields

    def get_state(self, row: Delegation) -> str:
        """``ahead``, ``running`` or ``ended``."""
        return row.state(self.context["now"])


class MovedSerializer(serializers.Serializer):
    """What became of one open work item; ``code`` is empty when it moved."""

    label = serializers.CharField()  # type: ignore[assignment]
    said = serializers.CharField()
    code = serializers.SerializerMethodField()
    detail = serializers.SerializerMethodField()

    def get_code(self, moved: Any) -> str:
        return moved.refusal.code if moved.refusal else ""

    def get_detail(self, moved: Any) -> str:
        return moved.refusal.message if moved.refusal else ""


class GivenSerializer(serializers.Serializer):
    delegations = DelegationSerializer(many=True)
    moved = MovedSerializer(many=True)


class EndedSerializer(serializers.Serializer):
    delegation = DelegationSerializer()
    moved = MovedSerializer(many=True)


class DelegationInput(InputSerializer):
    principal = serializers.PrimaryKeyRelatedField(queryset=Employee.objects.all(), required=False)
    delegate = serializers.PrimaryKeyRelatedField(queryset=Employee.objects.all())
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    kinds = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False, default=list, max_length=50
    )
    max_amount = serializers.DecimalField(
        max_digits=18, decimal_places=2, max_value=MAX_AMOUNT, required=False, allow_null=True
    )
    moves_open_items = serializers.BooleanField(required=False, default=False)
    note = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=NOTE_LENGTH
    )


class DelegationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """What the caller gave and takes; the information administrator sees everybody's."""

    queryset = Delegation.objects.none()
    serializer_class = DelegationSerializer
    pagination_class = NewestFirst
    filter_backends: list[Any] = []
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[Delegation]:
        return delegation_list(self.request.user, is_all=True)

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "now": timezone.now()}

    @extend_schema(request=DelegationInput, responses={201: GivenSerializer})
    def create(self, request: Request) -> Response:
        """Set a delegation; ``principal`` is the caller unless an administrator names another."""
        taken = DelegationInput(data=request.data)
        taken.is_valid(raise_exception=True)
        values = {"principal": request.user, **taken.validated_data}
        given = give_delegation(actor=request.user, now=timezone.now(), **values)
        answer = GivenSerializer(given, context=self.get_serializer_context())
        return Response(answer.data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=EndedSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """End it now; what the delegate has not decided comes back."""
        found = self.get_object()
        moved = end_delegation(delegation=found, actor=request.user, now=timezone.now())
        found.refresh_from_db()
        answer = {"delegation": found, "moved": moved}
        return Response(EndedSerializer(answer, context=self.get_serializer_context()).data)
