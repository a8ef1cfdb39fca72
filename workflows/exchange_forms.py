"""The forms of an import: the file, and the route that was shown for it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from workflows.bpmn.file_text import BYTES_AT_MOST
from workflows.bpmn.text import printable


class BpmnFileForm(forms.Form):
    """Any file is taken: what it is, and why it is refused, is the reader's to say."""

    file = forms.FileField(
        label=_("BPMN file"),
        allow_empty_file=True,
        help_text=_("BPMN 2.0 XML from this or another tool, up to 5 MB. Nothing changes yet."),
        error_messages={"required": _("Choose a file.")},
    )

    def data_of_file(self) -> bytes:
        """The bytes, one more than allowed at most: the reader refuses what is too large."""
        return bytes(self.cleaned_data["file"].read(BYTES_AT_MOST + 1))

    def file_name(self) -> str:
        return printable(self.cleaned_data["file"].name or "")


class RouteForm(forms.Form):
    """The route as it was shown, and the state of the draft that it may replace."""

    bpmn = forms.CharField(strip=False)
    replaces_revision = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
