"""What an app says once about the screens of one kind of document."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from django.db import models
from django.db.models import Model, Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst

from documents.kinds import RoutedDocumentKind, routed_kind
from documents.lists import Head
from documents.values import displayed, is_money, is_number, is_rate
from lending_crm.common.design.grades import field_grade
from lending_crm.common.design.status import Mark
from lending_crm.common.errors import DomainError, not_found

if TYPE_CHECKING:
    from documents.desk.filters import DeskFilter
    from documents.desk.forms import HeaderForm
    from staff.models import Employee

Label = str | Promise
Tone = Literal["", "good", "warning", "bad"]
_LONGEST_CODE = 24
_WORDS = re.compile(r"[A-Za-z] [A-Za-z]")
_CUSTOMER = "customer__name"


@dataclass(frozen=True)
class Column:
    """A column of the list beside number, subject, status, step, handler and date.

    ``path`` is an attribute of the document, with ``__`` across relations; ``label`` is the
    column's own name where none is given. With ``below`` it has no column of its own on the page:
    it stands as a quiet second line under the column of that path. The export keeps every one.
    """

    path: str
    label: Label = ""
    below: str = ""


@dataclass(frozen=True)
class Cell:
    """``grade`` is the badge of a column that grades: its word with colour and icon; ``notes`` are
    the quiet lines under it."""

    text: str
    is_number: bool = False
    grade: Mark | None = None
    notes: tuple[str, ...] = ()

    @property
    def is_code(self) -> bool:
        """A date, a number of a paper: torn over two lines nobody can read it; words can."""
        is_short = 0 < len(self.text) <= _LONGEST_CODE
        return is_short and self.text.isascii() and not _WORDS.search(self.text)


@dataclass(frozen=True)
class Figure:
    """One of the few figures above the fold; ``note`` stands under it, ``grade`` is shown in
    place of the value."""

    label: Label
    value: str
    note: Label = ""
    tone: Tone = ""
    grade: Mark | None = None


@dataclass(frozen=True)
class Origin:
    """What a new document is about and is begun from.

    ``field`` is the document's foreign key; ``candidates`` are the records that the user may
    begin one from, found by ``search`` (paths for ``icontains``). The page of the choice shows
    ``offered`` of them: without those that nothing can come of any more. ``heads`` are the
    columns of its table, ``describe`` gives what a row says under each, words or badges,
    ``refusal`` why the record cannot be taken now; it asks no statement of its own. ``stranger``
    says why what somebody names by its id, and what is no candidate, never can be one.
    """

    field: str
    label: Label
    candidates: Callable[[Employee], QuerySet]
    search: Sequence[str] = ()
    heads: Sequence[Head] = ()
    describe: Callable[[Any], Sequence[Label | Mark | None]] = lambda record: (str(record),)
    offered: Callable[[QuerySet], QuerySet] = lambda records: records
    refusal: Callable[[Any, Employee], DomainError | None] = lambda record, user: None
    stranger: Callable[[int, Employee], DomainError | None] = lambda pk, user: None
    empty: Label = ""

    def matches(self, word: str) -> Q:
        found = Q()
        for path in self.search:
            found |= Q(**{f"{path}__icontains": word})
        return found


@dataclass(frozen=True)
class Action:
    """A further act on the document's page: a link, or a dialog of the kind's own template."""

    label: Label
    icon: str = ""
    url: str = ""
    dialog: str = ""
    reason: Label = ""
    is_primary: bool = False


@dataclass(frozen=True)
class Extra:
    """A part of the document's page beyond what every kind has."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


class Desk:
    """Declares list, form, page and API of a kind; its app registers one instance.

    ``name`` is the prefix of the address names (``review`` for ``review_list`` …) in the app's
    ``namespace``, empty for an app whose names have none (``list`` …); ``path`` is the address
    below the root and below ``/api/v1/``. A kind that is begun from nothing has no ``origin``.
    """

    kind_code: str
    namespace: str
    name: str
    path: str
    icon: str = "file-text"
    section: str = ""
    section_label: Label = ""
    plural: Label = ""
    order: int = 100
    origin: Origin | None = None
    columns: Sequence[Column] = ()
    #: foreign keys shown as links to whoever may open their record; one query each
    links: Sequence[str] = ("customer",)
    #: columns that the search box looks in beside number and subject; each has a ``SearchIndex``
    search: Sequence[str] = ("customer__search_text",)
    #: has a ``biz_status`` with choices
    has_biz_status: bool = False
    #: the column of ``biz_status`` values: tone and icon of each badge
    biz_marks: Mapping[str, tuple[str, str]] = {}
    #: values of ``biz_status`` that say no more than the approval status
    quiet_biz: frozenset[str] = frozenset()

    @property
    def form_class(self) -> type[HeaderForm]:
        from documents.desk.forms import HeaderForm

        return HeaderForm

    @property
    def filter_class(self) -> type[DeskFilter]:
        from documents.desk.filters import DeskFilter

        return DeskFilter

    @property
    def kind(self) -> RoutedDocumentKind:
        return routed_kind(self.kind_code)

    @property
    def title(self) -> Label:
        return self.kind.title

    def may_see_list(self, user: Employee) -> bool:
        raise NotImplementedError

    def may_create(self, user: Employee) -> bool:
        """Whether 新建 is offered at all; the kind's ``begin`` judges each case."""
        raise NotImplementedError

    @property
    def about(self) -> Origin:
        """The origin of a desk that has one; raises ``not_found()`` otherwise."""
        if self.origin is None:
            raise not_found()
        return self.origin

    # addresses

    def url_name(self, page: str) -> str:
        return f"{self.namespace}:{self.name}_{page}" if self.name else f"{self.namespace}:{page}"

    def url(self, page: str, *args: Any) -> str:
        return reverse(self.url_name(page), args=args)

    def new_url(self, origin: Model | None = None) -> str:
        """Where a new one is begun; from ``origin`` directly when it is known."""
        return self.url("new_from", origin.pk) if origin is not None else self.url("new")

    # rows

    def rows(self, user: Employee) -> QuerySet:
        """What the list shows; visible rows with the relations of the columns."""
        rows = self.kind.visible_to(user)
        return rows.select_related("handler", "branch", "case", *self.related)

    @property
    def related(self) -> set[str]:
        """The relations that the columns walk."""
        related = [column.path.rpartition("__")[0] for column in self.columns]
        return {path for path in related if path}

    @property
    def names_customer(self) -> bool:
        """The customer then leads the subject's cell and has no column of its own."""
        return any(column.path == _CUSTOMER for column in self.columns)

    @property
    def _shown(self) -> list[Column]:
        return [each for each in self.columns if not each.below and each.path != _CUSTOMER]

    def cells(self, document: Any) -> list[Cell]:
        return [
            replace(_cell(document, column.path), notes=self._notes(document, column))
            for column in self._shown
        ]

    def _notes(self, document: Any, above: Column) -> tuple[str, ...]:
        lower = [column for column in self.columns if column.below == above.path]
        notes = [self._note(document, column) for column in lower]
        return tuple(note for note in notes if note)

    def _note(self, document: Any, column: Column) -> str:
        """A text speaks for itself, a day and a number need their name, a mark is its name."""
        kind, said = self.field_at(column.path), _cell(document, column.path).text
        label = capfirst(str(self.label(column)))
        if isinstance(kind, models.BooleanField):
            record, name = _holder(document, column.path)
            return label if getattr(record, name, False) else ""
        if said and isinstance(kind, models.DateField | models.IntegerField | models.DecimalField):
            return f"{label} {said}"
        return said

    @property
    def heads(self) -> list[Cell]:
        return [self._head(column) for column in self._shown]

    def _head(self, column: Column) -> Cell:
        return Cell(str(self.label(column)), is_number(self.field_at(column.path)))

    def label(self, column: Column) -> Label:
        """What stands above the column."""
        last = column.path.rpartition("__")[2]
        found: Label = getattr(self.field_at(column.path), "verbose_name", last)
        return column.label or found

    def field_at(self, path: str) -> Any:
        """The model field at the end of a column's path; None for any other attribute."""
        model: Any = self.kind.model
        *steps, last = path.split("__")
        for step in steps:
            model = model._meta.get_field(step).related_model
        return next((each for each in model._meta.fields if each.name == last), None)

    @property
    def searched(self) -> tuple[str, ...]:
        return ("doc_no__lower", "subject__lower", *self.search)

    def origin_facts(self, origin: Any) -> list[tuple[Label, str]]:
        """What else of the origin stands above the form: label and text."""
        return []

    # the page

    def figures(self, document: Any) -> list[Figure]:
        return []

    def alerts(self, document: Any) -> list[tuple[str, Label]]:
        """Sentences above the content: tone and text."""
        return []

    def actions(self, document: Any, user: Employee) -> list[Action]:
        return []

    def extras(self, document: Any, user: Employee) -> list[Extra]:
        return []

    def may_void(self, document: Any, user: Employee) -> bool:
        return document.is_editable and document.handler_id == user.pk

    def choices(self, name: str, user: Employee, *, about: Any = None) -> QuerySet:
        """What a foreign key may name, for form and API alike.

        ``name`` is a column of the document or ``table.column``; ``about`` is the document or,
        for a new one, its origin, and None where the API does not know it yet (the kind's
        ``check_draft`` judges the pair).
        """
        raise NotImplementedError(name)


def _holder(document: Any, path: str) -> tuple[Any, str]:
    """The record at the end of the path, None where a relation is empty, and its attribute."""
    *steps, last = path.split("__")
    record = document
    for step in steps:
        record = getattr(record, step, None)
    return record, last


def _cell(document: Any, path: str) -> Cell:
    record, last = _holder(document, path)
    if record is None:
        return Cell("")
    column = next((each for each in record._meta.fields if each.name == last), None)
    has_digits = is_number(column) or is_money(column) or is_rate(column)
    return Cell(displayed(record, last), has_digits, field_grade(record, last))


_desks: dict[str, Desk] = {}


def register(desk: Desk) -> None:
    """Called from ``apps.py``; a kind has one desk."""
    if desk.kind_code in _desks:
        raise ValueError(f"the desk of {desk.kind_code!r} is registered twice")
    _desks[desk.kind_code] = desk


def desk_of(kind_code: str) -> Desk | None:
    return _desks.get(kind_code)


def all_desks() -> list[Desk]:
    return list(_desks.values())
