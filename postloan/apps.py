from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PostloanConfig(AppConfig):
    name = "postloan"
    verbose_name = _("Post-loan management")

    def ready(self) -> None:
        from postloan.registration import register_all

        register_all()
