"""How a form field is drawn: its control dressed for the page, its label, help and errors tied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

#: what Django writes for no choice; the pages write a dash for nothing everywhere
_BLANK = BLANK_CHOICE_DASH[0][1]
_GROUPS = (forms.CheckboxSelectMultiple, forms.RadioSelect)


@dataclass(frozen=True)
class DrawnField:
    """A bound field with everything that its template needs."""

    bound: BoundField
    control: SafeString
    kind: str
    errors: list[str]
    help_id: str
    error_id: str
    is_required: bool
    is_required_to_submit: bool


def draw_field(bound: BoundField, **attrs: Any) -> DrawnField:
    """Dress the widget; what was typed stays, also when it was wrong.

    A form may name fields that may be saved empty but not submitted in an attribute
    ``required_to_submit``. The browser's own checks stay off, so that every refusal is the
    server's sentence in the reader's language.
    """
    bound.form.use_required_attribute = False
    widget = bound.field.widget
    if getattr(bound.field, "empty_label", None) == _BLANK:
        bound.field.empty_label = "—"  # type: ignore[attr-defined]
    help_id, error_id = f"{bound.auto_id}_help", f"{bound.auto_id}_error"
    errors = [str(error) for error in bound.errors]
    described = [name for name, used in ((help_id, bound.help_text), (error_id, errors)) if used]
    wanted = {"class": " ".join(filter(None, [widget.attrs.get("class", ""), _classes(bound)]))}
    if described:
        wanted["aria-describedby"] = " ".join(described)
    if errors:
        wanted["aria-invalid"] = "true"
        wanted["class"] += " is-invalid"
    if bound.field.required and not isinstance(widget, _GROUPS):
        wanted["aria-required"] = "true"
    wanted.update(_typing(bound))
    wanted.update({name.replace("_", "-"): value for name, value in attrs.items()})
    if isinstance(widget, _GROUPS):  # its template draws the options one by one
        widget.attrs.update(wanted)
    return DrawnField(
        bound=bound,
        control=bound.as_widget(attrs=wanted),
        kind=_kind(widget),
        errors=errors,
        help_id=help_id,
        error_id=error_id,
        is_required=bound.field.required,
        is_required_to_submit=bound.name in getattr(bound.form, "required_to_submit", ()),
    )


def _kind(widget: forms.Widget) -> str:
    if isinstance(widget, _GROUPS):
        return "group"
    return "check" if isinstance(widget, forms.CheckboxInput) else "control"


def _classes(bound: BoundField) -> str:
    widget = bound.field.widget
    if isinstance(widget, (forms.CheckboxInput, *_GROUPS)):
        return "form-check-input"
    if isinstance(widget, forms.Select):
        return "form-select"
    return "form-control"


def _typing(bound: BoundField) -> dict[str, str]:
    """The right keyboard on a phone and the right picker; numbers stay text.

    A number input drops what it cannot parse and changes under the mouse wheel.
    """
    field, widget = bound.field, bound.field.widget
    if isinstance(widget, forms.DateInput) and widget.input_type == "text":
        widget.input_type = "date"
        widget.format = "%Y-%m-%d"
    elif isinstance(widget, forms.NumberInput):
        widget.input_type = "text"
        whole = not isinstance(field, forms.DecimalField | forms.FloatField)
        return {"inputmode": "numeric" if whole else "decimal", "autocomplete": "off"}
    elif isinstance(widget, forms.Textarea):
        rows = str(widget.attrs.get("rows", ""))
        return {"rows": "3" if rows in ("", "10") else rows}  # Django's own default is 10
    return {}
