"""短信 on the pages of customers and contacts: what was sent, and the way to send."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from customers.models import Contact, Customer
from documents.panels import Panel, PanelContent
from sms.models import SmsMessage
from sms.rules.permissions import kinds_to_send
from staff.models import Employee

_SHOWN = 5


def _load(record: Customer | Contact, user: Employee) -> PanelContent:
    is_contact = isinstance(record, Contact)
    customer = record.customer if isinstance(record, Contact) else record
    mine = {"contact": record} if is_contact else {"customer": record}
    rows = list(
        SmsMessage.objects.filter(**mine).select_related("template_version__template", "by")[
            : _SHOWN + 1
        ]
    )
    where = ["contact" if is_contact else "customer", record.pk]
    data: dict[str, Any] = {"rows": rows[:_SHOWN]}
    if len(rows) > _SHOWN:
        data["log_url"] = f"{reverse('sms:log')}?customer={customer.pk}"
    return PanelContent(
        count=len(data["rows"]),
        data=data,
        new_url=reverse("sms:send", args=where) if kinds_to_send(user, record) else "",
    )


PANELS = [
    Panel(
        subject,
        "sms",
        _("Text messages"),
        "sms/_panel.html",
        _load,
        order=80,
        new_label=_("Send"),
        empty=_("No text messages yet."),
    )
    for subject in ("customer", "contact")
]
