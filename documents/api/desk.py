"""The endpoints of every desk: the same services, rules and refusals as its pages."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from documents.api.shapes import DeskSerializers, ReasonInput, SubmitInput
from documents.desk.declaration import Desk
from documents.desk.reading import SubmissionPreview, submission_preview
from documents.errors import wrong_status
from documents.models import Document
from documents.services.documents import void_document
from documents.services.drafts import create_draft, update_draft
from lending_crm.common.api import (
    IDEMPOTENCY_KEY,
    idempotency_key,
    seen_version,
)
from lending_crm.common.api_pages import CursorPages
from lending_crm.common.errors import DomainError
from staff.models import Employee
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


class NewestFirst(CursorPages):
    ordering = ("-created_at", "-pk")


class DeskViewSet(viewsets.GenericViewSet):
    """Documents of one kind in sight; ``q`` finds by number, subject, customer or initials."""

    desk: ClassVar[Desk]
    shapes: ClassVar[DeskSerializers]
    queryset: ClassVar[QuerySet] = Document.objects.none()
    pagination_class = NewestFirst
    filter_backends = ()
    lookup_value_regex = r"\d{1,18}"

    @property
    def actor(self) -> Employee:
        return cast(Employee, self.request.user)

    def get_queryset(self) -> QuerySet:
        return self.desk.rows(self.actor)

    def own(self) -> Any:
        """The document for its handler alone (WF-29), before anything sent is read."""
        document = self.get_object()
        if document.handler_id != self.actor.pk:
            raise not_handler()
        return document

    def read(self, serializer: type[serializers.BaseSerializer]) -> dict[str, Any]:
        found: Any = serializer(data=self.request.data, context=self.get_serializer_context())
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    def answer(self, pk: int, *, code: int = status.HTTP_200_OK) -> Response:
        """The document as it is now, read anew."""
        stored = self.get_queryset().prefetch_related(*self.shapes.prefetched).get(pk=pk)
        shown = self.shapes.full(stored).data
        hidden = hidden_fields_of(stored.case, self.actor) if stored.case else ()
        return Response(
            {name: value for name, value in shown.items() if name not in hidden}, status=code
        )

    def split(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The header's values and the rows, as the services take them."""
        return {
            "values": {
                name: given[name] for name in self.desk.kind.editable_fields if name in given
            },
            "rows": {name: given.get(name) for name in self.shapes.tables},
        }

    def list(self, request: Request) -> Response:
        found = self.desk.filter_class(
            request.query_params, queryset=self.get_queryset(), desk=self.desk, user=self.actor
        )
        if not found.is_valid():
            name, errors = next(iter(found.form.errors.items()))
            raise DomainError("SYS-400", errors[0], status=400, field=name)
        page = self.paginate_queryset(found.qs)
        return self.get_paginated_response(self.shapes.row(page, many=True).data)

    def create(self, request: Request) -> Response:
        """A draft; what it is about is named by its id."""
        given = self.read(self.shapes.create)
        made = create_draft(
            kind=self.desk.kind,
            origin=given.get(self.desk.origin.field) if self.desk.origin else None,
            actor=self.actor,
            now=timezone.now(),
            creation_key=self._creation_key(),
            ip=ip_of(request._request),
            **self.split(given),
        )
        return self.answer(made.pk, code=status.HTTP_201_CREATED)

    def _creation_key(self) -> uuid.UUID | None:
        if "Idempotency-Key" not in self.request.headers:
            return None
        mark = f"{self.basename}:{self.actor.pk}:{idempotency_key(self.request)}"
        return uuid.uuid5(uuid.NAMESPACE_URL, mark)

    def retrieve(self, request: Request, pk: str) -> Response:
        return self.answer(self.get_object().pk)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is sent; a list that is sent replaces the stored one (WF-04, WF-12)."""
        document = self.own()
        seen = seen_version(request)
        update_draft(
            kind=self.desk.kind,
            document_id=document.pk,
            actor=self.actor,
            now=timezone.now(),
            seen_version=seen,
            ip=ip_of(request._request),
            **self.split(self.read(self.shapes.update)),
        )
        return self.answer(document.pk)

    @action(detail=True, methods=["post"])
    def void(self, request: Request, pk: str) -> Response:
        """作废: documents are never deleted; number and history stay (WF-05, WF-07)."""
        document = self.get_object()
        return self.voided(document, self.read(ReasonInput)["reason"])

    def voided(self, document: Any, reason: str) -> Response:
        void_document(
            document_id=document.pk,
            actor=self.actor,
            now=timezone.now(),
            reason=reason,
            ip=ip_of(self.request._request),
        )
        return self.answer(document.pk)

    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Into approval, with every refusal at once (WF-08, WF-09 and the kind's own)."""
        document = self.own()
        key, seen = idempotency_key(request), seen_version(request)
        submit_document(
            kind=self.desk.kind_code,
            document_id=document.pk,
            actor=self.actor,
            now=timezone.now(),
            idempotency_key=key,
            seen_version=seen,
            choices=self.read(SubmitInput)["choices"],
        )
        return self.answer(document.pk)

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """撤回: back to the handler until the final decision (WF-13)."""
        document = self.own()
        key = idempotency_key(request)
        reason = self.read(ReasonInput)["reason"]
        if document.case_id is None:
            raise wrong_status(document.wf_status)
        withdraw_case(
            case_id=document.case_id,
            actor=self.actor,
            now=timezone.now(),
            reason=reason,
            idempotency_key=key,
        )
        return self.answer(document.pk)

    @action(detail=True, methods=["get"])
    def preview(self, request: Request, pk: str) -> Response:
        """What a submission would be refused for, and the chain with people."""
        document = self.desk.kind.get(self.get_object().pk)
        return Response(self.shapes.preview(self.preview_of(document)).data)

    def preview_of(self, document: Any) -> SubmissionPreview:
        return submission_preview(document, actor=self.actor, now=timezone.now())


def _columns(desk: Desk) -> list[Any]:
    names: list[str] = list(desk.filter_class.base_filters)
    status_ = ["biz_status"] if desk.has_biz_status else []
    return [OpenApiParameter(name, OpenApiTypes.STR) for name in (*names, *status_)]


def desk_viewset(desk: Desk, base: type[DeskViewSet] = DeskViewSet) -> type[DeskViewSet]:
    """The endpoints of the desk with its own shapes in the description of the API.

    ``base`` adds what the kind can do beyond its approval.
    """
    shapes = DeskSerializers(desk)
    made = type(
        f"{shapes.name}ViewSet",
        (base,),
        {"desk": desk, "shapes": shapes, "serializer_class": shapes.full, "__doc__": desk.__doc__},
    )
    return described(cast("type[DeskViewSet]", made))


def described(view: type[DeskViewSet]) -> type[DeskViewSet]:
    """The viewset with the shapes of its desk in the description of the API."""
    desk, shapes = view.desk, view.shapes
    return extend_schema_view(
        list=extend_schema(parameters=_columns(desk), responses=shapes.row(many=True)),
        create=extend_schema(
            parameters=[_OPTIONAL_KEY], request=shapes.create, responses={201: shapes.full}
        ),
        retrieve=extend_schema(responses=shapes.full),
        partial_update=extend_schema(request=shapes.update, responses=shapes.full),
        void=extend_schema(request=ReasonInput, responses=shapes.full),
        submit=extend_schema(
            parameters=[IDEMPOTENCY_KEY], request=SubmitInput, responses=shapes.full
        ),
        withdraw=extend_schema(
            parameters=[IDEMPOTENCY_KEY], request=ReasonInput, responses=shapes.full
        ),
        preview=extend_schema(responses=shapes.preview),
    )(view)


def register_desk(router: SimpleRouter, desk: Desk, base: type[DeskViewSet] = DeskViewSet) -> None:
    """Put the desk's endpoints under its path; called from the app's ``api/urls.py``."""
    router.register(desk.path, desk_viewset(desk, base), basename=desk.path.replace("/", "-"))
