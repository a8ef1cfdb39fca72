"""Every table whose rows are about a customer, found by their foreign keys, and its texts.

A table or column that is added later is reached without a line here: what it holds of the
person's words goes, and so does a column named in ``OF_PERSONS`` as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q

import pgtrigger

from customers.models import Contact, Customer, ImportRun, Opportunity
from documents.engine_door import engine_writes
from documents.models import Document, DownloadLog, StoredFile
from funds.models import Loan
from privacy.services.erasure.subject import Subject
from privacy.services.erasure.words import PLACEHOLDER, Words
from workflows.models import Case

_APPS = frozenset(
    {
        "customers",
        "documents",
        "applications",
        "contracts",
        "funds",
        "riskcommittee",
        "postloan",
        "issues",
        "resources",
        "reports",
    }
)
#: written by services of their own, or about no customer
_APART = (Customer, Contact, ImportRun, StoredFile, DownloadLog)
#: columns that hold a person's name, account or way to be reached, whosever it is
OF_PERSONS = frozenset(
    {
        "payee",
        "payee_name",
        "payee_bank",
        "payee_account",
        "payer",
        "owner_name",
        "spoken_to",
        "receiver",
        "signer",
        "reporter",
        "reporter_contact",
    }
)
_OF_PERSONS_HERE = {"applications.GuaranteeItem": frozenset({"name"})}
#: by the model that a foreign key points to: its name where only that one means 'about', and
#: which ids of the subject it is compared with
_ANCHORS: tuple[tuple[type[models.Model], str, str], ...] = (
    (Customer, "customer", "customers"),
    (Contact, "", "contact_ids"),
    (Opportunity, "", "opportunities"),
    (Loan, "", "loans"),
    (Case, "case", "cases"),
)

Lookups = tuple[tuple[str, str], ...]


@cache
def reached_tables() -> dict[type[models.Model], Lookups]:
    """By table the look-ups that find its rows, each with the ids of the subject it takes."""
    found: dict[type[models.Model], Lookups] = {Document: (("pk__in", "documents"),)}
    candidates = [
        model
        for model in apps.get_models()
        if model._meta.app_label in _APPS and model not in _APART and model is not Document
    ]
    for model in candidates:
        if lookups := tuple(_direct(model)):
            found[model] = lookups
    near = dict(found)
    for model in candidates:
        if model not in near and (lookups := tuple(_through(model, near))):
            found[model] = lookups
    return found


def rows_of(model: Any, subject: Subject) -> Any:
    """The table's rows about the subject."""
    clause = Q(pk__in=())
    for lookup, ids in reached_tables()[model]:
        clause |= Q(**{lookup: getattr(subject, ids)})
    return model._base_manager.filter(clause)


def person_columns(model: type[models.Model]) -> frozenset[str]:
    here = _OF_PERSONS_HERE.get(model._meta.label, frozenset[str]())
    return frozenset(column.name for column in _texts(model)) & (OF_PERSONS | here)


def named_persons(subject: Subject) -> Iterator[str]:
    """Who else is named in the rows: payees, guarantors, whom a collector spoke to."""
    for model in reached_tables():
        columns = sorted(person_columns(model))
        if columns:
            named = [name for name in columns if name != "payee_bank"]
            for values in rows_of(model, subject).values_list(*named):
                yield from (value for value in values if value)


def scrub_tables(subject: Subject, words: Words) -> int:
    """Write every row anew that names the person; returns how many there were."""
    count = 0
    for model in reached_tables():
        columns = _texts(model)
        if not columns:
            continue
        names = [column.name for column in columns]
        for row in rows_of(model, subject).only("pk", *names):
            changes = _changes(row, columns, words)
            if changes:
                write_past_triggers(model, row.pk, changes)
                count += 1
    return count


def write_past_triggers(model: Any, pk: int, values: dict[str, Any]) -> None:
    """Change a row that its table protects; in a transaction, for anonymising alone."""
    names = [f"{model._meta.label}:{each.name}" for each in getattr(model._meta, "triggers", ())]
    # Without a name pgtrigger would let every trigger of the database sleep.
    with engine_writes(), pgtrigger.ignore(*names) if names else nullcontext():
        model._base_manager.filter(pk=pk).update(**values)


def _direct(model: type[models.Model]) -> Iterator[tuple[str, str]]:
    for key in _keys(model):
        target = key.related_model
        if issubclass(target, Document):
            # Of the keys to any document, ``about`` and the like only point at another one.
            if target is not Document or key.name in ("document", "document_ptr"):
                yield f"{key.name}__in", "documents"
            continue
        for anchor, name, ids in _ANCHORS:
            if target is anchor and name in ("", key.name):
                yield f"{key.name}__in", ids


def _through(model: type[models.Model], near: dict[Any, Lookups]) -> Iterator[tuple[str, str]]:
    for key in _keys(model):
        target = key.related_model
        if target in near and not issubclass(target, Document) and target not in _HEADS:
            for lookup, ids in near[target]:
                yield f"{key.name}__{lookup}", ids


#: anchors themselves: a key to one of them that does not mean 'about' leads nowhere
_HEADS = tuple(anchor for anchor, _name, _ids in _ANCHORS)


def _keys(model: type[models.Model]) -> Iterator[Any]:
    for field in model._meta.local_fields:
        if isinstance(field, models.ForeignKey) and not field.name.startswith("open_"):
            yield field


@cache
def _texts(model: type[models.Model]) -> tuple[Any, ...]:
    kinds = (models.CharField, models.TextField, models.JSONField)
    return tuple(
        field
        for field in model._meta.local_fields
        if isinstance(field, kinds) and not field.choices and not field.unique
    )


def _changes(row: Any, columns: tuple[Any, ...], words: Words) -> dict[str, Any]:
    persons = person_columns(type(row))
    changes = {}
    for column in columns:
        value = getattr(row, column.name)
        if not value:
            continue
        clean = PLACEHOLDER if column.name in persons else words.scrub(value)
        if clean != value:
            limit = getattr(column, "max_length", None)
            changes[column.name] = clean[:limit] if limit and isinstance(clean, str) else clean
    return changes
