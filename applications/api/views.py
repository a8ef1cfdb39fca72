"""Business applications over HTTP: the same services as the pages."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from applications.api import serializers as api
from applications.assessment import KIND_CODE, local_day
from applications.costing import cost_of
from applications.filters import ApplicationFilter
from applications.models import AmountLine, BusinessApplication, FeeLine, Product
from applications.preview import preview_of
from applications.selectors import application_list, products
from applications.services.drafts import (
    copy_application,
    create_application,
    update_application,
)
from documents.errors import wrong_status
from documents.kinds import routed_kind
from documents.services.documents import void_document
from lending_crm.common.api import IDEMPOTENCY_KEY, idempotency_key, seen_version
from lending_crm.common.errors import DomainError
from staff.models import Employee
from staff.selectors import roles_of
from staff.views.request import ip_of
from workflows.errors import not_handler
from workflows.field_rights import hidden_fields_of
from workflows.services.submission import submit_document, withdraw_case

_OPTIONAL_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    required=False,
    description="A repeated creation with the same key answers with what the first one made.",
)


class NewestFirst(CursorPagination):
    ordering = ("-created_at", "-pk")
    page_size = 50


class ProductViewSet(viewsets.ReadOnlyModelViewSet):
    """Products and their ranges; applications name them by ``code``."""

    queryset = Product.objects.none()
    serializer_class = api.ProductSerializer
    pagination_class = None
    lookup_field = "code"
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Product]:
        return products()


class BusinessApplicationViewSet(viewsets.GenericViewSet):
    """业务申请单 in sight; ``q`` finds by number, subject, customer or pinyin initials."""

    queryset = BusinessApplication.objects.none()
    serializer_class = api.ApplicationSerializer
    pagination_class = NewestFirst
    filter_backends = ()
    lookup_value_regex = r"\d{1,18}"

    @property
    def actor(self) -> Employee:
        return cast(Employee, self.request.user)

    def get_queryset(self) -> QuerySet[BusinessApplication]:
        return application_list(self.actor)

    def own(self) -> BusinessApplication:
        """The application for its handler alone (WF-29), before anything sent is read."""
        application = cast(BusinessApplication, self.get_object())
        if application.handler_id != self.actor.pk:
            raise not_handler()
        return application

    def read(self, serializer: type[Serializer]) -> Any:
        found = serializer(data=self.request.data, context=self.get_serializer_context())
        found.is_valid(raise_exception=True)
        return found

    def answer(self, pk: int, *, code: int = status.HTTP_200_OK) -> Response:
        """The application as it is now, read anew."""
        stored = (
            self.get_queryset()
            .prefetch_related("lines__product", "guarantee_items", "fees")
            .get(pk=pk)
        )
        shown = api.ApplicationSerializer(stored).data
        hidden = hidden_fields_of(stored.case, self.actor) if stored.case else ()
        return Response(
            {name: value for name, value in shown.items() if name not in hidden}, status=code
        )

    @extend_schema(
        parameters=[
            OpenApiParameter(name, OpenApiTypes.STR)
            for name in (
                "q",
                "wf_status",
                "biz_status",
                "branch",
                "amount_from",
                "amount_to",
                "created_from",
                "created_to",
            )
        ],
        responses=api.ApplicationRowSerializer(many=True),
    )
    def list(self, request: Request) -> Response:
        found = ApplicationFilter(
            request.query_params,
            queryset=self.get_queryset(),
            user=self.actor,
            crosses_branches=roles_of(self.actor).crosses_branches,
        )
        if not found.is_valid():
            self._refuse_filter(found)
        page = self.paginate_queryset(found.qs)
        return self.get_paginated_response(api.ApplicationRowSerializer(page, many=True).data)

    def _refuse_filter(self, found: ApplicationFilter) -> None:
        name, errors = next(iter(found.form.errors.items()))
        raise DomainError("SYS-400", errors[0], status=400, field=name)

    @extend_schema(
        parameters=[_OPTIONAL_KEY],
        request=api.ApplicationInput,
        responses={201: api.ApplicationSerializer},
    )
    def create(self, request: Request) -> Response:
        """A draft on an opportunity of one's own customer."""
        given = self.read(api.ApplicationInput)
        values, rows = given.split()
        made = create_application(
            opportunity=given.validated_data["opportunity"],
            actor=self.actor,
            now=timezone.now(),
            values=values,
            rows=rows,
            creation_key=self._creation_key(),
            ip=ip_of(request._request),
        )
        return self.answer(made.pk, code=status.HTTP_201_CREATED)

    def _creation_key(self) -> uuid.UUID | None:
        if "Idempotency-Key" not in self.request.headers:
            return None
        mark = f"{self.basename}:{self.actor.pk}:{idempotency_key(self.request)}"
        return uuid.uuid5(uuid.NAMESPACE_URL, mark)

    @extend_schema(responses=api.ApplicationSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        return self.answer(self.get_object().pk)

    @extend_schema(request=api.ApplicationUpdate, responses=api.ApplicationSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is sent; a list that is sent replaces the stored one (WF-04, WF-12)."""
        application = self.own()
        seen = seen_version(request)
        values, rows = self.read(api.ApplicationUpdate).split()
        update_application(
            application_id=application.pk,
            actor=self.actor,
            now=timezone.now(),
            values=values,
            rows=rows,
            seen_version=seen,
            ip=ip_of(request._request),
        )
        return self.answer(application.pk)

    @extend_schema(request=api.ReasonInput, responses=api.ApplicationSerializer)
    @action(detail=True, methods=["post"])
    def void(self, request: Request, pk: str) -> Response:
        """作废: documents are never deleted; number and history stay (WF-05, WF-07)."""
        given = self.read(api.ReasonInput)
        return self._void(given.validated_data["reason"])

    @extend_schema(
        parameters=[OpenApiParameter("reason", str, required=True)],
        responses={200: api.ApplicationSerializer},
    )
    def destroy(self, request: Request, pk: str) -> Response:
        """The same as ``void``: the answer is the void application."""
        return self._void(request.query_params.get("reason", ""))

    def _void(self, reason: str) -> Response:
        application = self.get_object()
        void_document(
            document_id=application.pk,
            actor=self.actor,
            now=timezone.now(),
            reason=reason,
            ip=ip_of(self.request._request),
        )
        return self.answer(application.pk)

    @extend_schema(
        parameters=[IDEMPOTENCY_KEY],
        request=api.SubmitInput,
        responses=api.ApplicationSerializer,
    )
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Into approval, with every refusal at once (WF-08, WF-09, BUS-01 to 11 …)."""
        application = self.own()
        key, seen = idempotency_key(request), seen_version(request)
        given = self.read(api.SubmitInput)
        submit_document(
            kind=KIND_CODE,
            document_id=application.pk,
            actor=self.actor,
            now=timezone.now(),
            idempotency_key=key,
            seen_version=seen,
            choices=given.validated_data["choices"],
        )
        return self.answer(application.pk)

    @extend_schema(
        parameters=[IDEMPOTENCY_KEY],
        request=api.ReasonInput,
        responses=api.ApplicationSerializer,
    )
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """撤回: back to the handler until the final decision (WF-13)."""
        application = self.own()
        key = idempotency_key(request)
        given = self.read(api.ReasonInput)
        if application.case_id is None:
            raise wrong_status(application.wf_status)
        withdraw_case(
            case_id=application.case_id,
            actor=self.actor,
            now=timezone.now(),
            reason=given.validated_data["reason"],
            idempotency_key=key,
        )
        return self.answer(application.pk)

    @extend_schema(request=None, responses={201: api.ApplicationSerializer})
    @action(detail=True, methods=["post"])
    def copy(self, request: Request, pk: str) -> Response:
        """A new draft of an expired, void or rejected application (APP-03)."""
        copy = copy_application(
            application_id=self.get_object().pk,
            actor=self.actor,
            now=timezone.now(),
            ip=ip_of(request._request),
        )
        return self.answer(copy.pk, code=status.HTTP_201_CREATED)

    @extend_schema(responses=api.SubmissionPreviewSerializer)
    @action(detail=True, methods=["get"])
    def preview(self, request: Request, pk: str) -> Response:
        """What a submission would be refused for, and the chain with people."""
        found = preview_of(self._with_relations(), actor=self.actor, now=timezone.now())
        return Response(api.SubmissionPreviewSerializer(found).data)

    def _with_relations(self) -> BusinessApplication:
        found = routed_kind(KIND_CODE).get(self.get_object().pk)
        return cast(BusinessApplication, found)

    @extend_schema(request=api.ScheduleInput, responses=api.CostSerializer)
    @action(detail=False, methods=["post"], url_path="schedule-preview")
    def schedule_preview(self, request: Request) -> Response:
        """Schedules and all-in annual cost of any rows; nothing is stored."""
        given = self.read(api.ScheduleInput).validated_data
        cost = cost_of(
            [AmountLine(**row) for row in given["lines"]],
            [FeeLine(**row) for row in given.get("fees", ())],
            start=given.get("start") or local_day(timezone.now()),
        )
        if cost.problem is not None and None in cost.schedules:
            index = cost.schedules.index(None)
            raise DomainError(
                "SYS-422",
                cost.problem.message,
                status=422,
                field=f"lines.{index}.{cost.problem.field}",
            )
        return Response(api.CostSerializer(cost).data)
