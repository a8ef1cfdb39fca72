"""Sessions of the committee: the same services and rules as the pages."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from lending_crm.common.api import IDEMPOTENCY_KEY, idempotency_key
from lending_crm.common.api_pages import CursorPages
from lending_crm.common.errors import not_found
from riskcommittee.api import serializers as api
from riskcommittee.choices import Opinion
from riskcommittee.models import CommitteeSession
from riskcommittee.rules import check_convenor, check_voter
from riskcommittee.selectors import proceedings_of
from riskcommittee.services.sessions import close_session, convene, record_attendance
from riskcommittee.services.votes import cast_vote
from staff.models import Employee
from workflows.models import Case


class NewestSession(CursorPages):
    ordering = ("-convened_at", "-id")


class SessionViewSet(viewsets.GenericViewSet):
    """List, read, convene, vote, record attendance, close."""

    queryset = CommitteeSession.objects.none()
    serializer_class = api.SessionSerializer
    pagination_class = NewestSession
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[CommitteeSession]:
        if getattr(self, "swagger_fake_view", False):
            return CommitteeSession.objects.none()
        sessions = CommitteeSession.objects.visible_to(self.actor)
        return sessions.select_related("case", "stage")

    @property
    def actor(self) -> Employee:
        return cast(Employee, self.request.user)

    @extend_schema(responses=api.SessionSerializer(many=True))
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(api.SessionSerializer(page, many=True).data)

    @extend_schema(responses=api.SessionDetailSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        return self._answer(int(pk))

    @extend_schema(request=api.ConveneInput, responses={201: api.SessionDetailSerializer})
    def create(self, request: Request) -> Response:
        check_convenor(self.actor)
        data = self._read(api.ConveneInput)
        if not Case.objects.visible_to(self.actor).filter(pk=data["case_id"]).exists():
            raise not_found()
        session = convene(actor=self.actor, now=timezone.now(), **data)
        return self._answer(session.pk, status.HTTP_201_CREATED)

    @extend_schema(
        request=api.VoteInput,
        responses=api.SessionDetailSerializer,
        parameters=[IDEMPOTENCY_KEY],
    )
    @action(detail=True, methods=["post"])
    def vote(self, request: Request, pk: str) -> Response:
        session = self._load(int(pk))
        check_voter(session.seats.filter(employee=self.actor).first())
        key = idempotency_key(request)
        data = self._read(api.VoteInput)
        cast_vote(
            session_id=session.pk,
            actor=self.actor,
            now=timezone.now(),
            opinion=Opinion(data["opinion"]),
            reason=data["reason"],
            terms=data.get("terms"),
            conditions=data.get("conditions", ()),
            idempotency_key=key,
        )
        return self._answer(session.pk)

    @extend_schema(request=api.AttendanceInput, responses=api.SessionDetailSerializer)
    @action(detail=True, methods=["post"])
    def attendance(self, request: Request, pk: str) -> Response:
        session = self._load(int(pk))
        check_convenor(self.actor)
        data = self._read(api.AttendanceInput)
        record_attendance(
            session_id=session.pk, actor=self.actor, now=timezone.now(), absent=data["absent"]
        )
        return self._answer(session.pk)

    @extend_schema(request=api.CloseInput, responses=api.SessionDetailSerializer)
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    def close(self, request: Request, pk: str) -> Response:
        session = self._load(int(pk))
        check_convenor(self.actor)
        data = self._read(api.CloseInput)
        close_session(
            session_id=session.pk,
            actor=self.actor,
            now=timezone.now(),
            minutes=data["minutes"],
        )
        return self._answer(session.pk)

    def _read(self, kind: type[Serializer]) -> dict[str, Any]:
        given = kind(data=self.request.data)
        given.is_valid(raise_exception=True)
        return cast(dict[str, Any], given.validated_data)

    def _load(self, pk: int) -> CommitteeSession:
        session = self.get_queryset().filter(pk=pk).first()
        if session is None:
            raise not_found()
        return session

    def _answer(self, pk: int, code: int = status.HTTP_200_OK) -> Response:
        session = self._load(pk)
        found = proceedings_of(session)
        context = {"found": found, "sees_ballots": found.is_open_to(self.actor)}
        return Response(api.SessionDetailSerializer(session, context=context).data, status=code)
