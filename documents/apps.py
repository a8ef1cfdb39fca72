from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    name = "documents"
    verbose_name = _("Documents")

    def ready(self) -> None:
        from documents.holdings import DocumentHoldings, count_unfinished
        from lending_crm.common.navigation import register_item
        from staff.handing import register_holdings
        from staff.services.people import register_open_items

        register_holdings(DocumentHoldings())
        register_open_items(count_unfinished)
        register_item("business", _("Supplementary attachments"), "documents:supplements", order=90)
