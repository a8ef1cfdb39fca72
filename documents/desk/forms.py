"""The form of a document: its fields by section and its lists, read and refused together."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db.models import ForeignKey
from django.forms import ModelChoiceField
from django.forms.boundfield import BoundField

from documents.desk.fields import column_field
from documents.desk.row_forms import RowFormSet, initial_rows, table_formset
from documents.kinds import RoutedDocumentKind, Section, Start
from documents.rows import Rows, RowTable
from lending_crm.common.errors import DomainError
from lending_crm.common.forms import RecordForm

if TYPE_CHECKING:
    from documents.desk.declaration import Desk
    from staff.models import Employee


class HeaderForm(RecordForm):
    """The document's own fields; level S is required, what is needed to submit is marked.

    A desk's subclass declares what its columns do not say (pickers, hints); everything else
    is built from the columns, foreign keys with the desk's ``choices``.
    """

    def __init__(
        self,
        *args: Any,
        desk: Desk,
        about: Any,
        user: Employee,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.desk, self.about, self.user = desk, about, user
        kind = desk.kind
        self.required_to_submit = frozenset(kind.required_fields)
        for name in kind.editable_fields:
            if name not in self.fields:
                column: Any = kind.model._meta.get_field(name)
                needed = name != "subject" and not (column.blank or column.null)
                self.fields[name] = column_field(column, required=needed)
        for name, field in self.fields.items():
            if isinstance(field, ModelChoiceField):
                field.queryset = desk.choices(name, user, about=about)


@dataclass(frozen=True)
class FormSection:
    """A section as the form's page draws it: fields, what is computed, lists."""

    section: Section
    fields: list[BoundField]
    formsets: list[RowFormSet]
    is_open: bool = False

    @property
    def problem_count(self) -> int:
        """Fields that need attention, so that a closed tab hides none."""
        rows = (form for formset in self.formsets for form in formset.forms)
        return sum(bool(bound.errors) for bound in self.fields) + sum(
            len(form.errors) for form in rows
        )


class DeskForm:
    """All forms of one page; ``is_valid`` looks at every one of them, so nothing hides.

    Lists that the document itself lays down are there once it is saved. ``asked`` are first
    values of a new document that its link came with.
    """

    def __init__(
        self,
        desk: Desk,
        data: Mapping[str, Any] | None = None,
        *,
        user: Employee,
        origin: Any = None,
        document: Any | None = None,
        start: Start | None = None,
        asked: Mapping[str, Any] | None = None,
    ) -> None:
        self.desk, self.kind, self.document = desk, desk.kind, document
        self.is_bound = data is not None
        about = document or origin
        self.header = desk.form_class(
            data,
            initial=_stored(desk.kind, document)
            if document
            else {**_suggested(desk.kind, start), **(asked or {})},
            desk=desk,
            about=about,
            user=user,
        )
        rows = start.rows if start else {}
        self.formsets = {
            table.name: table_formset(table)(
                data,
                prefix=table.name,
                initial=initial_rows(table, document) if document else rows.get(table.name),
                form_kwargs={"choices": _row_choices(desk, table, user, about)},
            )
            for table in desk.kind.row_tables
            if document or not table.is_fixed
        }

    @property
    def tabs(self) -> list[FormSection]:
        """The first one with something to mend is open, else the first."""
        tabs = [part for part in self._parts() if part.section.tab]
        first = next((tab for tab in tabs if tab.problem_count), tabs[0] if tabs else None)
        return [replace(tab, is_open=tab is first) for tab in tabs]

    @property
    def sections(self) -> list[FormSection]:
        """What stands below one another, after the tabs."""
        return [part for part in self._parts() if not part.section.tab]

    def _parts(self) -> Iterator[FormSection]:
        for section in self.kind.sections:
            fields = [self.header[name] for name in section.fields if name in self.header.fields]
            formsets = [self.formsets[name] for name in section.tables if name in self.formsets]
            if fields or formsets:
                yield FormSection(section, fields, formsets)

    def is_valid(self) -> bool:
        return all(form.is_valid() for form in (self.header, *self.formsets.values()))

    @property
    def values(self) -> dict[str, Any]:
        typed = self.header.values
        return {name: typed[name] for name in self.kind.editable_fields if name in typed}

    @property
    def rows(self) -> Rows:
        return {name: formset.rows for name, formset in self.formsets.items()}

    def show_refusals(self, error: DomainError) -> None:
        """Put each reason at its field or row; what has no field stands at the top.

        Refusals that no typing can mend (not allowed, gone, busy) are raised again.
        """
        if error.status in (403, 404, 503):
            raise error
        for reason in error.reasons:
            name = reason.field or ""
            if any(each.show_refusal(name, reason.message) for each in self.formsets.values()):
                continue
            field = name if name in self.header.fields else None
            self.header.add_error(field, reason.message)

    @property
    def problem_count(self) -> int:
        """Fields that need attention in the lists, for the summary at the top."""
        return sum(len(form.errors) for formset in self.formsets.values() for form in formset.forms)


def _row_choices(desk: Desk, table: RowTable, user: Employee, about: Any) -> dict[str, Any]:
    return {
        name: desk.choices(f"{table.name}.{name}", user, about=about)
        for name in table.columns
        if isinstance(table.field(name), ForeignKey)
    }


def _suggested(kind: RoutedDocumentKind, start: Start | None) -> dict[str, Any]:
    values = start.fields if start else {}
    known = {name: values[name] for name in kind.editable_fields if name in values}
    return {"creation_key": uuid.uuid4(), **known}


def _stored(kind: RoutedDocumentKind, document: Any) -> dict[str, Any]:
    columns = {name: kind.model._meta.get_field(name) for name in kind.editable_fields}
    stored = {
        name: getattr(document, column.attname)  # type: ignore[union-attr]
        for name, column in columns.items()
    }
    return {**stored, "version": document.version}
