from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IssuesConfig(AppConfig):
    name = "issues"
    verbose_name = _("Issue escalation")

    def ready(self) -> None:
        from issues.registration import register_all

        register_all()
