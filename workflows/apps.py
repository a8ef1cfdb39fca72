from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class WorkflowsConfig(AppConfig):
    name = "workflows"
    verbose_name = _("Approval")

    def ready(self) -> None:
        from lending_crm.common import health, navigation, outbox
        from staff import handing
        from staff.services.calendar import register_calendar_change
        from staff.services.people import register_open_items
        from staff.services.roles import register_role_gain, register_role_loss
        from workflows import gauges
        from workflows.holdings import WorkItemHoldings, WorkItemWork
        from workflows.kinds import all_kinds
        from workflows.menu import COUNTED, may_configure, open_items
        from workflows.services import limits, role_changes
        from workflows.services.standing_in import CaseKeeper

        for order, (tab, label) in enumerate(
            (
                ("todo", pgettext_lazy("menu", "To do")),
                ("done", pgettext_lazy("menu", "Done")),
                ("mine", pgettext_lazy("menu", "Started by me")),
                ("copied", pgettext_lazy("menu", "Copied to me")),
                ("claim", pgettext_lazy("menu", "To be claimed")),
            )
        ):
            navigation.register_item(
                "approvals",
                label,
                "workflows:inbox",
                query=f"tab={tab}",
                order=order,
                counter=f"inbox-{tab}" if tab in COUNTED else "",
            )
        for tab, count in COUNTED.items():
            navigation.register_counter(f"inbox-{tab}", count)
        navigation.register_item(
            "settings", _("Flow definitions"), "workflows:flows", may_configure, order=10
        )
        navigation.register_item(
            "settings", _("Engine health"), "workflows:engine", may_configure, order=11
        )
        navigation.register_item(
            "settings", _("Common phrases"), "workflows:common_phrases", may_configure, order=12
        )
        health.register_measure(gauges.measure)
        register_open_items(open_items)
        register_calendar_change(limits.calendar_changed)
        outbox.register(limits.RETIME_ALL_TOPIC, limits.retime_all)
        outbox.register(limits.RETIME_TOPIC, limits.retime_case)
        outbox.register(role_changes.ROLES_LOST_TOPIC, role_changes.look_again)
        register_role_loss(role_changes.release_lost_items)
        register_role_gain(role_changes.wake_blocked_stages)
        handing.register_holdings(WorkItemHoldings())
        handing.register_work(WorkItemWork())
        handing.register_delegation_keeper(CaseKeeper())
        handing.register_delegable_kinds(lambda: [(k.code, k.title) for k in all_kinds()])
