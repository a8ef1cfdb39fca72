"""The tables of a new database, in seconds instead of minutes."""

from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.test.utils import override_settings


class Command(BaseCommand):
    help = (
        "Make all tables of an empty database from the models, and count the migrations as"
        " applied; a database that holds anything is brought up to date by migrate."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Running the migrations one by one makes the same (tests/architecture/test_schema.py)
        and takes minutes: Django draws all models anew for each of their operations.

        All of it is one transaction. Raises CommandError for a database with tables.
        """
        if connection.introspection.table_names():
            raise CommandError("The database has tables already: run `manage.py migrate`.")
        without = {app.label: None for app in apps.get_app_configs()}
        with transaction.atomic():
            with override_settings(MIGRATION_MODULES=without):
                call_command("migrate", run_syncdb=True, verbosity=0)
            call_command("pgtrigger", "install", verbosity=0)
            call_command("migrate", fake=True, verbosity=0)
