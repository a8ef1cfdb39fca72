"""Read the directory and one's own messages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lending_crm.common.api import InputSerializer
from lending_crm.common.api_pages import CursorPages
from staff.api.leaving import HandoverInput, HandoverSerializer, HoldingGroupSerializer
from staff.api.serializers import EmployeeSerializer, MeSerializer, NotificationSerializer
from staff.filters import PeopleFilter
from staff.models import Employee, Notification
from staff.rules import require_keeper
from staff.selectors import directory, unread_count
from staff.services.leaving import hand_over_all, holdings_of
from staff.services.notifications import mark_read


class ByNumber(CursorPages):
    ordering = ("employee_no", "pk")


class NewestFirst(CursorPages):
    ordering = ("-created_at", "-id")


class ReadRequest(InputSerializer):
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        required=False,
        max_length=1000,
    )


class NotificationCount(serializers.Serializer):
    read = serializers.IntegerField()
    unread = serializers.IntegerField()


class MeView(APIView):
    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """The person whose token or session this is, with his roles."""
        person = directory(request.user).get(pk=request.user.pk)
        return Response(MeSerializer(person, context={"request": request}).data)


class EmployeeViewSet(viewsets.ReadOnlyModelViewSet):
    """The directory; ``q`` searches by name, number or pinyin initials."""

    queryset = Employee.objects.none()
    serializer_class = EmployeeSerializer
    pagination_class = ByNumber
    filterset_class = PeopleFilter
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> QuerySet[Employee]:
        return directory(self.request.user)

    @extend_schema(responses=HoldingGroupSerializer(many=True))
    @action(detail=True, filter_backends=[], pagination_class=None)
    def holdings(self, request: Request, pk: str) -> Response:
        """Everything that must find somebody else before the person leaves (administrators)."""
        employee = self.get_object()
        require_keeper(request.user)
        return Response(
            HoldingGroupSerializer(holdings_of(employee, now=timezone.now()), many=True).data
        )

    @extend_schema(request=HandoverInput, responses=HandoverSerializer)
    @action(detail=True, methods=["post"], url_path="hand-over")
    def hand_over(self, request: Request, pk: str) -> Response:
        """Move what the person holds, each part to a successor or by the rules.

        With ``preview`` nothing is changed; the answer says what would become of each thing.
        """
        employee = self.get_object()
        require_keeper(request.user)
        taken = HandoverInput(data=request.data)
        taken.is_valid(raise_exception=True)
        done = hand_over_all(
            employee=employee, actor=request.user, now=timezone.now(), **taken.arguments()
        )
        return Response(HandoverSerializer(done).data)


class NotificationViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """One's own messages, newest first."""

    queryset = Notification.objects.none()
    serializer_class = NotificationSerializer
    pagination_class = NewestFirst
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[Notification]:
        return Notification.objects.visible_to(self.request.user)

    @extend_schema(request=ReadRequest, responses=NotificationCount)
    @action(detail=False, methods=["post"])
    def read(self, request: Request) -> Response:
        """Mark messages as read: those named, or all of them without ``ids``."""
        wanted = ReadRequest(data=request.data)
        wanted.is_valid(raise_exception=True)
        done = mark_read(
            actor=request.user, ids=wanted.validated_data.get("ids"), now=timezone.now()
        )
        return Response({"read": done, "unread": unread_count(request.user)})
