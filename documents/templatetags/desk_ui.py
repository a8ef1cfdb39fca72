"""``{% load desk_ui %}``: addresses, badges and fields of the pages of every desk."""

from __future__ import annotations

from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

from documents.desk.declaration import Desk
from lending_crm.common.forms import MoneyField, PercentField
from lending_crm.common.templatetags.ui import badge, field

register = template.Library()


@register.simple_tag
def desk_url(desk: Desk, page: str, *args: Any) -> str:
    """The address of a page of the desk, ``{% desk_url desk "detail" row.pk %}``."""
    return desk.url(page, *args)


@register.simple_tag
def biz_mark(desk: Desk, document: Any) -> SafeString:
    """业务状态, but only where it says more than the approval status already does."""
    if not desk.has_biz_status or document.biz_status in desk.quiet_biz:
        return SafeString("")
    tone, icon = desk.biz_marks.get(document.biz_status, ("grey", "file-text"))
    return badge(document.get_biz_status_display(), tone, icon)


@register.inclusion_tag("components/field.html")
def desk_field(bound: BoundField) -> dict[str, Any]:
    """A field of a document's form: paragraphs are wide, amounts and percentages have units."""
    options: dict[str, Any] = {}
    if isinstance(bound.field.widget, forms.Textarea | forms.CheckboxSelectMultiple):
        options["wide"] = True
    if isinstance(bound.field, PercentField):
        options["suffix"] = "%"
    elif isinstance(bound.field, MoneyField):
        options["suffix"] = "¥"
    return field(bound, **options)
