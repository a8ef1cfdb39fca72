from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RiskCommitteeConfig(AppConfig):
    name = "riskcommittee"
    verbose_name = _("Risk committee")

    def ready(self) -> None:
        from lending_crm.common.navigation import register_item
        from riskcommittee.conduct import SessionConduct
        from riskcommittee.rules import has_menu
        from workflows.conduct import register_vote_conduct

        register_vote_conduct(SessionConduct())
        register_item("committee", _("Risk committee"), "riskcommittee:list", has_menu)
