"""Guards that several of the organisation's services share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError, not_found, refuse_all
from lending_crm.common.text import clean_line

M = TypeVar("M", bound=models.Model)


def lock_row(model: type[M], pk: int) -> M:
    """The row under its lock, without touching the rows it points to."""
    row = model._default_manager.select_for_update(of=("self",), no_key=True).filter(pk=pk).first()
    if row is None:
        raise not_found()
    return row


def refuse_stale(row: Any, version: int | None) -> None:
    """WF-12 when the form was opened on an older version than the stored one."""
    if version is not None and row.version != version:
        raise DomainError(
            "WF-12",
            _("The document was changed by someone else; refresh and try again."),
            status=409,
        )


def required_line(value: str, *, field: str, label: str | Promise, limit: int) -> str:
    """One line of text, cleaned; refused when nothing is left or when it is too long."""
    text = clean_line(value)
    if not text:
        raise DomainError(
            "ORG-20",
            _("Please fill in “%(label)s”."),
            status=422,
            field=field,
            params={"label": label},
        )
    if len(text) > limit:
        raise too_long(field=field, label=label, limit=limit)
    return text


def optional_line(value: str, *, field: str, label: str | Promise, limit: int) -> str:
    text = clean_line(value)
    if len(text) > limit:
        raise too_long(field=field, label=label, limit=limit)
    return text


def too_long(*, field: str, label: str | Promise, limit: int) -> DomainError:
    return DomainError(
        "ORG-21",
        _("“%(label)s” may have at most %(limit)s characters."),
        status=422,
        field=field,
        params={"label": label, "limit": limit},
    )


def refuse_weak(password: str, *, person: Any, field: str) -> None:
    """ACC-03 once for each reason why the password is too weak for this person."""
    try:
        validate_password(password, user=person)
    except ValidationError as error:
        refuse_all(
            DomainError("ACC-03", message, status=422, field=field) for message in error.messages
        )


def taken(*, field: str, label: str | Promise, value: str) -> DomainError:
    return DomainError(
        "ORG-22",
        _("%(label)s “%(value)s” is already in use."),
        status=422,
        field=field,
        params={"label": label, "value": value},
    )


@contextmanager
def refusing(constraints: Mapping[str, Callable[[], DomainError]]) -> Iterator[None]:
    """Say in words what a database constraint refused.

    The guards in front of a write look first; this answers the one who loses a race
    between their look and his write.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        refusal = constraints.get(name or "")
        if refusal is None:
            raise
        raise refusal() from error
