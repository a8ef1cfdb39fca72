from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from documents.registration import ship_routes


class Command(BaseCommand):
    help = "Publishes the approval routes that ship with the product, where a kind has none."

    def handle(self, *args: Any, **options: Any) -> None:
        shipped = ship_routes(now=timezone.now())
        for title in shipped:
            self.stdout.write(_("Published: %(title)s") % {"title": title})
        if not shipped:
            self.stdout.write(_("Every kind has an approval route already; nothing was changed."))
