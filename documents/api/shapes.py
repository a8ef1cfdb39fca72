"""What the endpoints of a desk show and take, built from its declaration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property, partial
from typing import Any, ClassVar, cast

from django.db.models import ForeignKey, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from documents.desk.declaration import Desk, Origin
from documents.rows import MAX_ROWS, RowTable
from lending_crm.common.accounts import AccountNumberField
from lending_crm.common.api import InputSerializer, ModelInputSerializer
from staff.api.serializers import PersonSerializer
from workflows.api.serializers import PreviewStepSerializer, choices_field

_SHARED = ("id", "doc_no", "subject", "wf_status", "handler", "branch", "branch_name")
_TIMES = ("version", "created_at", "updated_at")
_LONGEST_ID = 18
_VERSION = {"min_value": 1, "max_value": 2**31 - 1}


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
    straight_to = serializers.CharField(
        help_text="The step that takes a returned document up again; empty where the whole chain"
        " is asked."
    )
    changed = serializers.ListField(
        child=serializers.CharField(),
        help_text="The material fields that keep a returned document from going straight back.",
    )


class _VisibleField(serializers.PrimaryKeyRelatedField):
    """A record among those that the caller may begin a document from."""

    def __init__(self, *, records: Any, **kwargs: Any) -> None:
        self.records = records
        super().__init__(**kwargs)

    def get_queryset(self) -> QuerySet:
        return cast("QuerySet", self.records(self.context["request"].user))


class _OriginField(_VisibleField):
    """What a document is begun from; what can never be it is refused with its own code."""

    def __init__(self, *, origin: Origin, **kwargs: Any) -> None:
        self.origin = origin
        super().__init__(records=origin.candidates, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        try:
            return super().to_internal_value(data)
        except serializers.ValidationError:
            is_id = isinstance(data, int) or (isinstance(data, str) and data.isascii())
            if is_id and str(data).isdigit() and len(str(data)) <= _LONGEST_ID:
                reason = self.origin.stranger(int(data), self.context["request"].user)
                if reason is not None:
                    raise reason from None
            raise


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
                column.name: serializers.CharField(
                    source=f"get_{column.name}_display", read_only=True
                )
                for column in self.kind.model._meta.fields
                if isinstance(column, AccountNumberField) and column.name in fields
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
        column: Any = self.kind.model._meta.get_field(self.desk.about.field)
        origin = _OriginField(
            origin=self.desk.about, queryset=column.related_model._default_manager.none()
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
