from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    name = "documents"
    verbose_name = _("Documents")

    def ready(self) -> None:
        from lending_crm.common.navigation import register_item

        register_item("business", _("Supplementary attachments"), "documents:supplements", order=90)
