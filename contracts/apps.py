from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContractsConfig(AppConfig):
    name = "contracts"
    verbose_name = _("Contract management")

    def ready(self) -> None:
        from contracts.registration import register_all

        register_all()
