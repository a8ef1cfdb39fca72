"""``{% load ui %}``: the words of the design system; /design/ shows every one of them."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.db.models import Model
from django.forms.boundfield import BoundField
from django.http import HttpRequest
from django.template.context import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lending_crm.common import change_words, formats, money, vendoring
from lending_crm.common.design import components, forms
from lending_crm.common.design.grades import field_grade
from lending_crm.common.design.status import ACTS, Mark, mark_for
from lending_crm.common.exports.declarations import export_of
from lending_crm.common.models import ChangeRecord

register = template.Library()
register.tag("component", components.component)
register.tag("slot", components.slot)

Label = str | Promise
NOTHING = "—"
_DASH = SafeString(f'<span class="ui-muted">{NOTHING}</span>')
_WAN = Decimal(10_000)
_LOGGED = "ui_logged"
#: a control of a filter that its reader sees, with its name
_CONTROL = re.compile(r'<(?:input|select)\b(?![^>]*type="hidden")[^>]*\bname="([^"]+)"')
_FOR_TEMPLATE = ("wide", "label", "suffix", "hide_label")


@register.simple_tag(takes_context=True)
def part(context: Context, template_name: str, **values: Any) -> SafeString:
    """A component without a body: like an include, but it sees only what it is given."""
    found = context.template.engine.get_template(f"components/{template_name}.html")  # type: ignore[union-attr]
    return found.render(components.isolated(context, values))


@register.simple_tag(takes_context=True)
def may_export(context: Context, code: str) -> bool:
    """Whether the reader may export the list: he may see rows of one that is not his to open."""
    export = export_of(code)
    return export is not None and export.may_open(context["user"])


@register.simple_tag
def vendor_url(path: str) -> str:
    """The address of ``htmx/htmx.min.js`` in the version that is kept."""
    return static(vendoring.vendor_path(path))


@register.simple_tag
def icon(name: str, label: Label = "") -> SafeString:
    """An icon of the sprite; without ``label`` it is decoration and silent."""
    return _icon(name, str(label))


# A full inbox has ninety icons, and finding the address of the sprite took a tenth of its time.
@lru_cache(maxsize=1024)
def _icon(name: str, label: str) -> SafeString:
    sprite = static(vendoring.vendor_path("tabler-icons/sprite.svg"))
    if label:
        return format_html(
            '<svg class="ui-icon" role="img" aria-label="{}"><use href="{}#{}"/></svg>',
            label, sprite, name,
        )  # fmt: skip
    return format_html(
        '<svg class="ui-icon" aria-hidden="true"><use href="{}#{}"/></svg>', sprite, name
    )


@register.simple_tag
def badge(label: Label, tone: str = "grey", icon_name: str = "") -> SafeString:
    """A word with its colour and icon; tones are those of ``design.status``."""
    return format_html(
        '<span class="ui-badge ui-tone-{}">{}<span>{}</span></span>',
        tone, icon(icon_name) if icon_name else "", label,
    )  # fmt: skip


@register.simple_tag
def status_badge(code: str, label: Label = "") -> SafeString:
    """The badge of a stored status; ``label`` replaces its usual word."""
    mark = mark_for(code)
    return badge(label or mark.label or code, mark.tone, mark.icon)


@register.simple_tag
def mark_badge(mark: Mark | None) -> SafeString:
    """The badge of a mark; a dash for none."""
    return badge(mark.label, mark.tone, mark.icon) if mark else _DASH


@register.simple_tag
def grade_badge(record: Model, name: str) -> SafeString:
    """The badge of a column that grades (``design.grades``); a dash while it is empty."""
    return mark_badge(field_grade(record, name))


@register.simple_tag
def act_icon(code: str) -> SafeString:
    """The icon of an act in a case's history, in its colour."""
    tone, name = ACTS.get(code, ("grey", "point"))
    return format_html('<span class="ui-act ui-tone-{}">{}</span>', tone, icon(name))


@register.filter
def amount(value: Decimal | int | str | None) -> str:
    """``1,000,000.00``; a dash for nothing."""
    return NOTHING if value in (None, "") else money.format_amount(value)  # type: ignore[arg-type]


@register.simple_tag(takes_context=True)
def logged(context: Context, record: ChangeRecord, which: str) -> str:
    """The ``old`` or ``new`` value of a row of a change log as it is read; a dash for nothing."""
    memo: change_words.Memo = context.render_context.setdefault(_LOGGED, {})  # type: ignore[arg-type, assignment]
    return change_words.read_change(record, getattr(record, which), memo) or NOTHING


@register.filter
def amount_wan(value: Decimal | int | str | None) -> str:
    """The amount in 万元 with two decimals, for list columns whose heading says the unit."""
    if value in (None, ""):
        return NOTHING
    wan = (money.yuan(value) / _WAN).quantize(Decimal("0.01"), ROUND_HALF_UP)  # type: ignore[arg-type]
    return f"{wan:,.2f}"


@register.filter
def amount_short(value: Decimal | int | str | None) -> str:
    """An amount that no heading stands above: ``55.00 万元``, in English ``CNY 550,000.00``, where
    nobody counts in ten thousands."""
    if value in (None, ""):
        return NOTHING
    counts_in_wan = (get_language() or "").startswith("zh")
    return _("CNY %(amount)s") % {"amount": (amount_wan if counts_in_wan else amount)(value)}


@register.filter
def capital(value: Decimal | int | str | None) -> str:
    """人民币 in capital numerals; empty for nothing."""
    return "" if value in (None, "") else f"人民币{money.capital_amount(value)}"  # type: ignore[arg-type]


@register.filter
def rate(value: Decimal | None, places: int = 2) -> str:
    """An annual percentage, ``14.40%``."""
    if value is None:
        return NOTHING
    return f"{value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)}%"


@register.filter
def moment(value: datetime | None) -> str:
    return formats.format_moment(value) if value else NOTHING


@register.filter
def day(value: date | None) -> str:
    return formats.format_day(value) if value else NOTHING


@register.filter
def duration(value: timedelta | int | float | None) -> str:
    return NOTHING if value is None else formats.format_duration(value)


@register.simple_tag(takes_context=True)
def waiting(context: Context, since: datetime | None, due: datetime | None = None) -> SafeString:
    """How long something waits, in red with a clock once it is overdue."""
    if since is None:
        return SafeString(NOTHING)
    now = _now(context)
    text = formats.format_duration(now - since)
    title = formats.format_moment(since)
    if due is not None and due < now:
        return _overdue(text, title)
    return format_html('<time class="ui-waiting" datetime="{}" title="{}">{}</time>',
                       since.isoformat(), title, text)  # fmt: skip


@register.simple_tag(takes_context=True)
def due(context: Context, when: datetime | None) -> SafeString:
    """When something is due, as short as possible; says by how much it is overdue."""
    if when is None:
        return SafeString(NOTHING)
    now = _now(context)
    title = formats.format_moment(when)
    if when < now:
        late = formats.format_duration(now - when)
        return _overdue(_("overdue %(span)s") % {"span": late}, title)
    return format_html('<time class="ui-due" datetime="{}" title="{}">{}</time>',
                       when.isoformat(), title, formats.format_near(when, now=now))  # fmt: skip


def _overdue(text: str, title: str) -> SafeString:
    mark = icon("clock-exclamation", _("overdue"))
    return format_html('<span class="ui-overdue" title="{}">{}{}</span>', title, mark, text)


def _now(context: Context) -> datetime:
    frame = context.get("frame")
    return frame.now if frame is not None else timezone.now()


@register.inclusion_tag("components/money.html")
def money_of(value: Decimal | None, *, capitals: bool = False) -> dict[str, Any]:
    """An amount aligned for reading, on request with 人民币大写 under it."""
    return {"value": value, "capitals": capitals}


@register.inclusion_tag("components/person.html")
def person(who: Any, note: Label = "") -> dict[str, Any]:
    """A person chip; ``note`` is what he is here (role, department)."""
    return {"who": who, "note": note, "initial": str(who)[-1:] if who else ""}


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, **options: Any) -> dict[str, Any]:
    """A field with label, help and errors; ``wide`` spans the row, other names become attributes.

    ``label``, ``suffix`` (a unit such as 元) and ``hide_label`` are for the template.
    """
    shown: dict[str, Any] = {name: options.pop(name, "") for name in _FOR_TEMPLATE}
    return {"field": forms.draw_field(bound, **options), **shown}


@register.simple_tag
def control(bound: BoundField, **attrs: Any) -> SafeString:
    """Only the control of a field, for table cells; it is named by its label all the same."""
    attrs.setdefault("aria_label", bound.label)
    return forms.draw_field(bound, **attrs).control


@register.filter
def is_filtering(controls: str, request: HttpRequest | None) -> bool:
    """Whether the address sets one of these controls: a filter that holds is not folded away."""
    return request is not None and any(map(request.GET.get, _CONTROL.findall(controls)))


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: Any) -> dict[str, Any]:
    """What is wrong with the form as a whole, and how many fields need attention."""
    hidden = [error for bound in form.hidden_fields() for error in bound.errors]
    marked = sum(1 for bound in form.visible_fields() if bound.errors)
    return {"errors": [*form.non_field_errors(), *hidden], "marked": marked}
