"""Loans over HTTP: the same services as the pages."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any, cast

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from applications.assessment import local_day
from documents.rules import refuse_unless
from funds.api import serializers as api
from funds.filters import LoanFilter
from funds.forms.ledger import DayForm
from funds.models import Loan, Repayment, WriteOff
from funds.permissions import may_book, may_see_ledger
from funds.selectors import loans as selectors
from funds.services.classification import set_class_by_hand
from funds.services.fees import charge_fee, reverse_fee
from funds.services.repayments import register_repayment, reverse_repayment
from funds.services.write_offs import book_write_off, drop_write_off, propose_write_off
from lending_crm.common.api import IDEMPOTENCY_KEY, idempotency_key
from lending_crm.common.api_pages import CursorPages
from lending_crm.common.errors import DomainError
from staff.models import Employee
from staff.selectors import roles_of

_DAY = OpenApiParameter("day", OpenApiTypes.DATE, description="Today when left out.")


class NewestFirst(CursorPages):
    ordering = ("-created_at", "-pk")


class _Reader(viewsets.GenericViewSet):
    filter_backends = ()
    lookup_value_regex = r"\d{1,18}"

    @property
    def actor(self) -> Employee:
        return cast(Employee, self.request.user)

    def read(self, serializer: type[Serializer]) -> dict[str, Any]:
        found = serializer(data=self.request.data)
        found.is_valid(raise_exception=True)
        return found.validated_data


class LoanViewSet(_Reader):
    """借据 in sight; ``q`` finds by number, contract, customer or pinyin initials."""

    queryset = Loan.objects.none()
    serializer_class = api.LoanSerializer
    pagination_class = NewestFirst

    def get_queryset(self) -> QuerySet[Loan]:
        refuse_unless(may_see_ledger(self.actor))
        return selectors.loan_list(self.actor).select_related("product")

    def day(self) -> date:
        form = DayForm(self.request.query_params)
        if not form.is_valid() and "day" in form.errors:
            raise DomainError("SYS-400", form.errors["day"][0], status=400, field="day")
        return form.cleaned_data.get("day") or local_day(timezone.now())

    @extend_schema(
        parameters=[
            OpenApiParameter(name, OpenApiTypes.STR)
            for name in ("q", "status", "risk_class", "branch", "due_from", "due_to")
        ],
        responses=api.LoanSerializer(many=True),
    )
    def list(self, request: Request) -> Response:
        found = LoanFilter(
            request.query_params,
            queryset=self.get_queryset(),
            user=self.actor,
            sees_all=roles_of(self.actor).sees_all,
        )
        if not found.is_valid():
            name, errors = next(iter(found.form.errors.items()))
            raise DomainError("SYS-400", errors[0], status=400, field=name)
        page = self.paginate_queryset(found.qs)
        return self.get_paginated_response(api.LoanSerializer(page, many=True).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(api.LoanSerializer(self.get_object()).data)

    @extend_schema(parameters=[_DAY], responses=api.PositionSerializer)
    @action(detail=True)
    def position(self, request: Request, pk: str) -> Response:
        """Principal, interest, penalty interest and fees owed on a day."""
        found = selectors.loan_position(self.get_object(), self.day())
        return Response(api.PositionSerializer(found).data)

    @extend_schema(parameters=[_DAY], responses=api.SettlementSerializer)
    @action(detail=True)
    def settlement(self, request: Request, pk: str) -> Response:
        """What would settle the loan on a day."""
        found = selectors.settlement_figure(self.get_object(), self.day())
        return Response(api.SettlementSerializer(found).data)

    @extend_schema(responses=api.LoanScheduleSerializer(many=True))
    @action(detail=True, pagination_class=None)
    def schedules(self, request: Request, pk: str) -> Response:
        """Every version of the repayment schedule, the newest first."""
        rows = selectors.schedules_of(self.get_object())
        return Response(api.LoanScheduleSerializer(rows, many=True).data)

    @extend_schema(responses=api.LedgerEntrySerializer(many=True))
    @action(detail=True, pagination_class=None)
    def journal(self, request: Request, pk: str) -> Response:
        rows = selectors.journal_of(self.get_object())
        return Response(api.LedgerEntrySerializer(rows, many=True).data)

    @extend_schema(responses=api.ClassificationSerializer(many=True))
    @action(detail=True, pagination_class=None)
    def classifications(self, request: Request, pk: str) -> Response:
        rows = selectors.classifications_of(self.get_object())
        return Response(api.ClassificationSerializer(rows, many=True).data)

    @extend_schema(request=api.ClassInput, responses=api.LoanSerializer)
    @action(detail=True, methods=["post"], url_path="class")
    def set_class(self, request: Request, pk: str) -> Response:
        """A worse class by hand (总部风控); CLS-01 for a better one."""
        loan = self.get_object()
        set_class_by_hand(
            loan_id=loan.pk, actor=self.actor, now=timezone.now(), **self.read(api.ClassInput)
        )
        return Response(api.LoanSerializer(self.get_object()).data)

    @extend_schema(request=api.WriteOffInput, responses={201: api.WriteOffSerializer})
    @action(detail=True, methods=["post"], url_path="write-off")
    def write_off(self, request: Request, pk: str) -> Response:
        """提出核销 (总部风控); another person of finance books it."""
        found = self.answer(propose_write_off, api.WriteOffInput)
        return Response(api.WriteOffSerializer(found).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=api.WriteOffSerializer)
    @action(detail=True, methods=["post"], url_path="write-off/book")
    def book_write_off(self, request: Request, pk: str) -> Response:
        """核销 (财务): everything owed leaves the books; the claim stays."""
        return Response(api.WriteOffSerializer(self.answer(book_write_off)).data)

    @extend_schema(request=api.WriteOffInput, responses=api.WriteOffSerializer)
    @action(detail=True, methods=["post"], url_path="write-off/drop")
    def drop_write_off(self, request: Request, pk: str) -> Response:
        """Finance declines the proposal, or who made it takes it back."""
        found = self.answer(drop_write_off, api.WriteOffInput)
        return Response(api.WriteOffSerializer(found).data)

    def answer(
        self, act: Callable[..., WriteOff], serializer: type[Serializer] | None = None
    ) -> WriteOff:
        loan = self.get_object()
        given = self.read(serializer) if serializer is not None else {}
        return act(loan_id=loan.pk, actor=self.actor, now=timezone.now(), **given)

    @extend_schema(methods=["GET"], request=None, responses=api.ChargeSerializer(many=True))
    @extend_schema(
        methods=["POST"],
        request=api.ChargeInput,
        responses={201: api.ChargeSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def charges(self, request: Request, pk: str) -> Response:
        """The fees of a loan; POST charges one (财务).

        BUS-05 when the all-in cost would pass the cap, REP-11 for a due date before the last
        booking.
        """
        loan = self.get_object()
        if request.method == "GET":
            rows = selectors.charges_of(loan)
            return Response(api.ChargeSerializer(rows, many=True).data)
        refuse_unless(may_book(self.actor))
        mark = f"charge:{self.actor.pk}:{idempotency_key(request)}"
        charge = charge_fee(
            loan_id=loan.pk,
            actor=self.actor,
            now=timezone.now(),
            creation_key=uuid.uuid5(uuid.NAMESPACE_URL, mark),
            **self.read(api.ChargeInput),
        )
        return Response(api.ChargeSerializer(charge).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        parameters=[OpenApiParameter("charge_id", OpenApiTypes.INT64, OpenApiParameter.PATH)],
        request=api.ReversalInput,
        responses=api.ChargeSerializer,
    )
    @action(detail=True, methods=["post"], url_path=r"charges/(?P<charge_id>\d{1,18})/reverse")
    def reverse_charge(self, request: Request, pk: str, charge_id: str) -> Response:
        """Take back a fee of which nothing is paid (财务)."""
        charge = get_object_or_404(self.get_object().charges, pk=charge_id)
        reversed_ = reverse_fee(
            charge_id=charge.pk,
            actor=self.actor,
            now=timezone.now(),
            **self.read(api.ReversalInput),
        )
        return Response(api.ChargeSerializer(reversed_).data)

    @extend_schema(methods=["GET"], request=None, responses=api.RepaymentSerializer(many=True))
    @extend_schema(
        methods=["POST"], request=api.RepaymentInput, responses={201: api.RepaymentSerializer}
    )
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def repayments(self, request: Request, pk: str) -> Response:
        """The repayments of a loan; POST books one (财务)."""
        loan = self.get_object()
        if request.method == "GET":
            rows = selectors.repayments_of(loan)
            return Response(api.RepaymentSerializer(rows, many=True).data)
        booked = register_repayment(
            loan_id=loan.pk,
            actor=self.actor,
            now=timezone.now(),
            **self.read(api.RepaymentInput),
        )
        return Response(api.RepaymentSerializer(booked).data, status=status.HTTP_201_CREATED)


class RepaymentViewSet(_Reader):
    """还款 in sight."""

    queryset = Repayment.objects.none()
    serializer_class = api.RepaymentSerializer

    def get_queryset(self) -> QuerySet[Repayment]:
        return Repayment.objects.visible_to(self.actor).prefetch_related("allocations__line")

    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(api.RepaymentSerializer(self.get_object()).data)

    @extend_schema(request=api.ReversalInput, responses=api.RepaymentSerializer)
    @action(detail=True, methods=["post"])
    def reverse(self, request: Request, pk: str) -> Response:
        """Take back the last repayment of a loan (财务)."""
        repayment = self.get_object()
        reverse_repayment(
            repayment_id=repayment.pk,
            actor=self.actor,
            now=timezone.now(),
            **self.read(api.ReversalInput),
        )
        return Response(api.RepaymentSerializer(self.get_object()).data)
