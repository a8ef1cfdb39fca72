from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from lending_crm.common.models import OutboxMessage


class DocumentsConfig(AppConfig):
    name = "documents"
    verbose_name = _("Documents")

    def ready(self) -> None:
        from documents.holdings import DocumentHoldings, count_unfinished
        from documents.services.audit import TOPIC
        from lending_crm.common import outbox
        from lending_crm.common.navigation import register_item
        from staff.handing import register_holdings
        from staff.services.people import register_open_items

        post_migrate.connect(_ship_routes, sender=self)
        register_holdings(DocumentHoldings())
        register_open_items(count_unfinished)
        register_item("business", _("Supplementary attachments"), "documents:supplements", order=90)
        outbox.register(TOPIC, _start_export)


def _ship_routes(**_signal: Any) -> None:
    """After each migration: every kind has a route, changed by an administrator or not."""
    from documents.registration import ship_routes

    ship_routes(now=timezone.now())


def _start_export(message: OutboxMessage, now: datetime) -> None:
    """Hand a large export to a task of its own: the outbox has other messages to deliver."""
    from documents.tasks import build_export

    build_export.delay(message.payload["export_id"])
