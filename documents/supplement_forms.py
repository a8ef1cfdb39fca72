"""The forms of the supplement pages; the services check everything again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from documents.models import Document
from documents.selectors import supplementable_documents
from documents.services.supplements import NOTE_LENGTH, SUBJECT_LENGTH
from lending_crm.common.errors import DomainError

if TYPE_CHECKING:
    from staff.models import Employee


class SupplementForm(forms.Form):
    """The words of a supplement."""

    subject = forms.CharField(label=_("Subject"), max_length=SUBJECT_LENGTH)
    note = forms.CharField(
        label=_("Supplementary note"),
        max_length=NOTE_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class NewSupplementForm(SupplementForm):
    """Also which of the user's documents under approval it is for."""

    field_order = ("document", "subject", "note")
    document = forms.ModelChoiceField(
        label=_("Business document"),
        queryset=Document.objects.none(),
        error_messages={
            "invalid_choice": _("Choose one of your documents that are under approval.")
        },
    )

    def __init__(self, *args: Any, user: Employee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["document"].queryset = supplementable_documents(user)  # type: ignore[attr-defined]


def show_refusal(form: forms.Form, refusal: DomainError) -> int:
    """Put each reason at its field, or above the form; returns the status to answer with."""
    for reason in refusal.reasons:
        field = reason.field if reason.field in form.fields else None
        form.add_error(field, f"{reason.message} ({reason.code})")
    return refusal.status
