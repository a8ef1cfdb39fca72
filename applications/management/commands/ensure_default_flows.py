from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.services.defaults import ensure_default_flows


class Command(BaseCommand):
    help = "Publishes the approval route of the business application that ships with the product."

    def handle(self, *args: Any, **options: Any) -> None:
        if ensure_default_flows(now=timezone.now()):
            self.stdout.write(_("The default approval route is published."))
        else:
            self.stdout.write(_("An approval route is there already; nothing was changed."))
