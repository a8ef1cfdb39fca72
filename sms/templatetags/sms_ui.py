"""Marks of messages and texts: one word, icon and tone each, everywhere."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from lending_crm.common.templatetags.ui import badge
from sms.models import SmsMessage, TemplateVersion

register = template.Library()

_MESSAGE = {
    "QUEUED": ("grey", "clock"),
    "SENT": ("blue", "send"),
    "DELIVERED": ("green", "circle-check"),
    "UNDELIVERED": ("amber", "alert-triangle"),
    "FAILED": ("red", "circle-x"),
    "REFUSED": ("slate", "ban"),
    "RECEIVED": ("blue", "inbox"),
}
_TEXT = {
    "DRAFT": ("amber", "clock"),
    "APPROVED": ("green", "circle-check"),
    "REJECTED": ("red", "circle-x"),
}


@register.simple_tag
def message_badge(message: SmsMessage) -> SafeString:
    """Queued, sent, delivered, …"""
    return badge(message.get_status_display(), *_MESSAGE[message.status])


@register.simple_tag
def text_badge(version: TemplateVersion) -> SafeString:
    """Waiting for approval, approved, rejected."""
    return badge(version.get_state_display(), *_TEXT[version.state])
