from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ResourcesConfig(AppConfig):
    name = "resources"
    verbose_name = _("Resource centre")

    def ready(self) -> None:
        from resources.registration import register_all

        register_all()
