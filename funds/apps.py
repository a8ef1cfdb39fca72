from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class FundsConfig(AppConfig):
    name = "funds"
    verbose_name = _("Funds and loan ledger")

    def ready(self) -> None:
        from funds.registration import register_all, ship_defaults

        register_all()
        post_migrate.connect(ship_defaults, sender=self)
