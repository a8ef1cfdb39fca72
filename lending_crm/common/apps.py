from typing import Any

from django.apps import AppConfig
from django.core.signals import request_started
from django.db import connections
from django.db.models.signals import pre_migrate


def _start_list_export(message: Any, now: Any) -> None:
    """Hand a large export to a task of its own: the outbox has other messages to deliver."""
    from lending_crm.common.tasks import build_list_export

    build_list_export.delay(message.payload["run"])


class CommonConfig(AppConfig):
    name = "lending_crm.common"
    label = "common"

    def ready(self) -> None:
        from lending_crm.common import (
            dictionary,
            outbox,
            search,  # registers the lookup
        )
        from lending_crm.common.exports import runs

        outbox.register(runs.TOPIC, _start_list_export)

        def install(*, using: str, **_: Any) -> None:
            """Tables have indexes that call it, so it is there before any table is."""
            with connections[using].cursor() as cursor:
                cursor.execute(search.FUNCTION)

        request_started.connect(dictionary.read_words_when_old, dispatch_uid="dictionary")
        pre_migrate.connect(install, sender=self, weak=False, dispatch_uid="search_grams")
