"""The endpoints of every desk: the same services, rules and refusals as its pages."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from functools import cached_property, partial
from typing import Any, ClassVar, cast

from django.db.models import ForeignKey, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from documents.desk.declaration import Desk
from documents.desk.reading import SubmissionPreview, submission_preview
from documents.errors import wrong_status
from documents.models import Document
from documents.rows import MAX_ROWS, RowTable
from documents.services.documents import void_document
from documents.services.drafts import create_draft, update_draft
from lending_crm.common.api import (
    IDEMPOTENCY_KEY,
    InputSerializer,
    ModelInputSerializer,
    idempotency_key,
    seen_version,
)
from lending_crm.common.errors import DomainError
from staff.api.serializers import PersonSerializer
from staff.models import Employee
from staff.views.request import ip_of
from workflows.api.serializers import PreviewStepSerializer, choices_field
from workflows.errors import not_handler
from workflows.field_rights import hidden_fields_of
from workflows.services.submission import submit_document, withdraw_case

_VERSION = {"min_value": 1, "max_value": 2**31 - 1}
_SHARED = ("id", "doc_no", "subject", "wf_status", "handler", "branch", "branch_name")
_TIMES = ("version", "created_at", "updated_at")
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


class SubmitInput(InputSerializer):
    seen_version = serializers.IntegerField(**_VERSION, help_text=_("version that was read"))
    choices = choices_field()


class ReasonInput(InputSerializer):
    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class ProblemSerializer(serializers.Serializer):
    code = serializers.CharField()
    detail = serializers.CharField(source="message")
    field = serializers.CharField(allow_null=True)


class SubmissionPreviewSerializer(serializers.Serializer):
    """What a submission at this moment would do; nothing is changed."""

    can_submit = serializers.BooleanField()
    reasons = ProblemSerializer(many=True)
    warnings = serializers.ListField(child=serializers.CharField())
    steps = PreviewStepSerializer(many=True)


class _VisibleField(serializers.PrimaryKeyRelatedField):
    """A record among those that the caller may begin a document from."""

    def __init__(self, *, records: Any, **kwargs: Any) -> None:
        self.records = records
        super().__init__(**kwargs)

    def get_queryset(self) -> QuerySet:
        return cast("QuerySet", self.records(self.context["request"].user))


def _row_serializer(desk: Desk, table: RowTable) -> type[serializers.ModelSerializer]:
    meta = type(
        "Meta",
        (),
        {"model": table.model, "fields": table.shown, "read_only_fields": tuple(table.computed)},
    )
    name = f"{table.model.__name__}Serializer"
    keys = _keys(desk, table.model, table.columns, prefix=f"{table.name}.")
    return cast("Any", type(name, (ModelInputSerializer,), {"Meta": meta, **keys}))


def _keys(
    desk: Desk, model: Any, names: Iterable[str], *, prefix: str = ""
) -> dict[str, serializers.Field]:
    """The foreign keys among the columns, each bound to what the desk lets one name."""
    found: dict[str, serializers.Field] = {}
    for name in names:
        column = model._meta.get_field(name)
        if isinstance(column, ForeignKey):
            found[name] = _VisibleField(
                records=partial(desk.choices, f"{prefix}{name}"),
                queryset=column.related_model._default_manager.none(),  # type: ignore[union-attr]
                required=not (column.null or column.blank),
                allow_null=column.null,
            )
    return found


class DeskSerializers:
    """The shapes of one kind, built from its declaration."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.kind = desk, desk.kind
        self.tables = {table.name: _row_serializer(desk, table) for table in self.kind.row_tables}
        self.name = self.kind.model.__name__

    @property
    def prefetched(self) -> tuple[str, ...]:
        """The lists of a document with the records that their rows name."""
        return tuple(
            path
            for name in self.tables
            for path in [f"{name}__{each}" for each in self.kind.table(name).related] or [name]
        )

    preview: ClassVar[type[serializers.Serializer]] = SubmissionPreviewSerializer

    @cached_property
    def row(self) -> type[serializers.ModelSerializer]:
        """A document in a list."""
        columns = [column.path for column in self.desk.columns if "__" not in column.path]
        status_ = ["biz_status"] if self.desk.has_biz_status else []
        fields = dict.fromkeys((*_SHARED, *columns, *status_, *_TIMES))
        return self._output(f"{self.name}Row", tuple(fields), {})

    @cached_property
    def full(self) -> type[serializers.ModelSerializer]:
        """A document with everything that its page shows."""
        shown = [name for section in self.kind.sections for name in section.fields]
        origin = [self.desk.origin.field] if self.desk.origin else []
        own = ("creator", "department", "case", "remark", *origin, *shown)
        status_ = ["biz_status"] if self.desk.has_biz_status else []
        lists = {
            name: made(many=True, read_only=True)  # type: ignore[operator]
            for name, made in self.tables.items()
        }
        fields = dict.fromkeys((*_SHARED, *own, *status_, *_TIMES, *lists))
        return self._output(self.name, tuple(fields), lists)

    def _output(
        self, name: str, fields: tuple[str, ...], lists: Mapping[str, Any]
    ) -> type[serializers.ModelSerializer]:
        meta = type(
            "Meta", (), {"model": self.kind.model, "fields": fields, "read_only_fields": fields}
        )
        members = {
            "Meta": meta,
            "handler": PersonSerializer(read_only=True),
            "branch_name": serializers.CharField(source="branch.name", read_only=True),
            **{
                masked: serializers.CharField(source=f"get_{masked}_display", read_only=True)
                for masked in self.kind.masked_fields
                if masked in fields
            },
            **lists,
        }
        return cast("Any", type(f"{name}Serializer", (serializers.ModelSerializer,), members))

    @cached_property
    def update(self) -> type[serializers.ModelSerializer]:
        version = serializers.IntegerField(write_only=True, **_VERSION)
        return self._input("Update", {"seen_version": version})

    @cached_property
    def create(self) -> type[serializers.ModelSerializer]:
        if self.desk.origin is None:
            return self._input("Input", {})
        records = self.desk.about.candidates
        column: Any = self.kind.model._meta.get_field(self.desk.about.field)
        origin = _VisibleField(
            records=records, queryset=column.related_model._default_manager.none()
        )
        return self._input("Input", {self.desk.about.field: origin})

    def _input(self, suffix: str, extra: Mapping[str, Any]) -> type[serializers.ModelSerializer]:
        """Types and lengths only; what is left out stays as it is."""
        lists = {
            name: made(many=True, required=False, max_length=MAX_ROWS)  # type: ignore[operator]
            for name, made in self.tables.items()
        }
        names = tuple(self.kind.editable_fields)
        meta = type(
            "Meta",
            (),
            {
                "model": self.kind.model,
                "fields": tuple(dict.fromkeys((*extra, *names, *lists))),
                "extra_kwargs": {name: {"required": False} for name in names},
            },
        )
        keys = _keys(self.desk, self.kind.model, names)
        for key in keys.values():
            key.required = False
        members = {"Meta": meta, **extra, **keys, **lists}
        return cast("Any", type(f"{self.name}{suffix}", (ModelInputSerializer,), members))


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
