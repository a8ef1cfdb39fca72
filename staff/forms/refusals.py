"""Show what a service refused in the form that asked for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms

from lending_crm.common.errors import DomainError


def show_refusals(form: forms.BaseForm, error: DomainError) -> None:
    """Put each reason at its field, or at the top when the form has no such field.

    Refusals that no typing can mend (not allowed, gone, busy) are raised again for the
    error page.
    """
    if error.status in (403, 404, 503):
        raise error
    for reason in error.reasons:
        field = reason.field if reason.field in form.fields else None
        form.add_error(field, reason.message)


def performed(form: forms.BaseForm, act: Callable[..., Any], **values: Any) -> bool:
    """Perform the act of a service; false when it refused, with the reasons in the form."""
    try:
        act(**values)
    except DomainError as error:
        show_refusals(form, error)
        return False
    return True
