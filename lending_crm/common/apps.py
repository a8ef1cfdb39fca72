from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import pre_migrate


class CommonConfig(AppConfig):
    name = "lending_crm.common"
    label = "common"

    def ready(self) -> None:
        from lending_crm.common import search  # registers the lookup

        def install(*, using: str, **_: Any) -> None:
            """Tables have indexes that call it, so it is there before any table is."""
            with connections[using].cursor() as cursor:
                cursor.execute(search.FUNCTION)

        pre_migrate.connect(install, sender=self, weak=False, dispatch_uid="search_grams")
