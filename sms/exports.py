"""短信记录 as a workbook."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from lending_crm.common.exports import Column, ListExport
from lending_crm.common.exports.words import filter_words
from lending_crm.common.identity import mask_phone
from sms.filters import MessageFilter
from sms.models import SmsMessage
from sms.rules.permissions import may_read_log, may_reveal_number
from sms.selectors import message_list
from staff.models import Employee


def _rows(user: Employee, query: QueryDict, now: datetime) -> QuerySet[Any]:
    return MessageFilter(query, queryset=message_list(user)).qs.order_by("-created_at", "-id")


def _reveals(user: Employee, message: SmsMessage) -> bool:
    return may_reveal_number(user, message.customer)


EXPORT = ListExport(
    "sms",
    _("Text message log"),
    (
        Column(_("Created at"), "created_at"),
        Column(_("Recipient"), "recipient"),
        Column(_("Mobile"), "number", mask_phone, _reveals),
        Column(_("Message kind"), "get_kind_display"),
        Column(_("Message text"), "text"),
        Column(_("Template"), "template_version"),
        Column(_("Sent by person"), "by.name"),
        Column(_("Status"), "get_status_display"),
        Column(_("Sent at"), "sent_at"),
        Column(_("Gateway id"), "gateway_id"),
        Column(_("Error"), "error"),
    ),
    _rows,
    may_read_log,
    lambda user, query: filter_words(MessageFilter, query, user),
)
