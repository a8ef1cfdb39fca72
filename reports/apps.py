from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = _("Reports")

    def ready(self) -> None:
        from lending_crm.common.navigation import register_item

        register_item("home", _("Workbench"), "reports:workbench")
