from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class StaffConfig(AppConfig):
    name = "staff"
    verbose_name = _("Staff")

    def ready(self) -> None:
        from lending_crm.common import context, navigation, outbox
        from staff import banners, handing, holdings, rules
        from staff.events import NOTIFY_TOPIC
        from staff.services import notifications

        outbox.register(NOTIFY_TOPIC, notifications.deliver_notification)
        outbox.register(notifications.EMAIL_TOPIC, notifications.send_email)
        for source in (holdings.DelegationHoldings, holdings.SubordinateHoldings):
            handing.register_holdings(source())
        handing.register_holdings(holdings.RoleHoldings())
        post_migrate.connect(_create_roles, sender=self)
        context.register_banner(banners.missing_holidays)

        offer = navigation.register_item
        offer("resources", _("Departments and people"), "staff:people", order=10)
        offer("resources", _("Branches and departments"), "staff:branches", order=20)
        offer("resources", _("Roles"), "staff:roles", order=30)
        offer("approvals", _("Delegations"), "staff:delegations", order=50)
        offer("settings", _("Holidays"), "staff:calendar", order=60)
        offer("settings", _("Dictionary"), "staff:dictionary", rules.keeps_organisation, order=65)
        offer(
            "settings",
            _("Change log of the organisation"),
            "staff:changes",
            rules.keeps_organisation,
            order=70,
        )


def _create_roles(sender: AppConfig, **kwargs: object) -> None:
    """The roles of domain.md §1 exist in every database; flows name them by their codes."""
    from staff.services.roles import ensure_roles

    ensure_roles()
