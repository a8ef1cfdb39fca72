from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from lending_crm.common.models import OutboxMessage


_EVENTS = (
    (
        "document.void_asked",
        _("Somebody asks me to confirm that an approved document be voided"),
        _("%(actor)s asks to void %(doc_no)s; it waits for your confirmation"),
    ),
    (
        "document.void_declined",
        _("My request to void a document was declined"),
        _("%(actor)s declined to void %(doc_no)s"),
    ),
    (
        "document.voided",
        _("A document of mine was voided after its approval"),
        _("%(doc_no)s is void; %(actor)s confirmed it"),
    ),
)


class DocumentsConfig(AppConfig):
    name = "documents"
    verbose_name = _("Documents")

    def ready(self) -> None:
        from documents.holdings import DocumentHoldings, DocumentWork, count_unfinished
        from documents.permissions import may_ask_to_void
        from documents.registration import ship_after_migrations
        from documents.services.audit import TOPIC
        from lending_crm.common import outbox
        from lending_crm.common.navigation import register_item
        from staff.events import Event, register_event
        from staff.handing import register_holdings, register_work
        from staff.services.people import register_open_items

        post_migrate.connect(ship_after_migrations, sender=self)
        for event in _EVENTS:
            register_event(Event(*event, by_email=True))
        register_holdings(DocumentHoldings())
        register_work(DocumentWork())
        register_open_items(count_unfinished)
        register_item("business", _("Supplementary attachments"), "documents:supplements", order=90)
        register_item(
            "business", _("Requests to void"), "documents:void_requests", may_ask_to_void, order=95
        )
        outbox.register(TOPIC, _start_export)


def _start_export(message: OutboxMessage, now: datetime) -> None:
    """Hand a large export to a task of its own: the outbox has other messages to deliver."""
    from documents.tasks import build_export

    build_export.delay(message.payload["export_id"])
