from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


def _start_import(message: Any, now: Any) -> None:
    """Hand a workbook to a task of its own: the outbox has other messages to deliver."""
    from customers.tasks import work_on_import

    work_on_import.delay(message.payload["run"])


class CustomersConfig(AppConfig):
    name = "customers"
    verbose_name = _("Customers")

    def ready(self) -> None:
        from customers import grades, own_panels, search
        from customers.choices import CustomerType
        from customers.exports import EXPORTS
        from customers.holdings import CoHandledHoldings, CustomerHoldings, CustomerWork
        from customers.registration import register_lists, register_tiers
        from customers.rules.permissions import (
            imports_only,
            may_keep_register,
            may_set_pool,
            sees_business,
        )
        from customers.selectors.staffing import count_helped, count_owned
        from customers.services import imports
        from customers.services.grading import EVENT as POOLED
        from customers.services.relations import TOPIC, related_to, review_cases
        from customers.services.warnings import EVENT
        from lending_crm.common import outbox
        from lending_crm.common.exports import register_export
        from lending_crm.common.navigation import register_item
        from staff.events import Event, register_event
        from staff.handing import register_holdings, register_work
        from staff.services.handing import WorkOfHoldings
        from staff.services.people import register_open_items
        from workflows.conflicts import register_conflict_check

        register_lists()
        kinds = (
            ("enterprises", CustomerType.ENTERPRISE),
            ("channels", CustomerType.CHANNEL),
            ("companies", CustomerType.UPDOWN),
            ("persons", CustomerType.PERSON),
        )
        for order, (slug, kind) in enumerate(kinds, start=10):
            register_item(
                "customers",
                kind.label,
                "customers:customer-list",
                sees_business,
                order=order,
                kwargs={"kind": slug},
            )
        register_item(
            "customers", _("Customer groups"), "customers:group-list", sees_business, order=20
        )
        register_item("customers", _("Value and risk"), "customers:scores", sees_business, order=25)
        register_item("customers", _("Public pool"), "customers:pool", sees_business, order=30)
        register_item(
            "settings",
            _("Settings of the public pool"),
            "customers:pool-settings",
            may_set_pool,
            order=50,
        )
        register_item(
            "settings",
            _("Import of customers"),
            "customers:import-new",
            imports_only,
            order=55,
        )
        register_item(
            "customers",
            _("Related employees"),
            "customers:related-employees",
            may_keep_register,
            order=40,
        )
        register_item("contacts", _("Contacts"), "customers:contact-list", sees_business)
        register_item(
            "opportunities", _("Business development"), "customers:opportunity-list", sees_business
        )
        register_event(
            Event(
                EVENT,
                _("An opportunity of mine or my department stalls"),
                _("%(doc_no)s of %(party)s: nothing has been done for %(days)s days"),
            )
        )
        register_event(
            Event(
                POOLED,
                _("A prospect of mine or my department falls to the public pool"),
                _("%(party)s (%(doc_no)s) fell to the public pool"),
            )
        )
        grades.register_own()
        register_tiers()
        for export in EXPORTS:
            register_export(export)
        search.register_own()
        own_panels.register_own()
        register_conflict_check(related_to)
        outbox.register(TOPIC, review_cases)
        outbox.register(imports.TOPIC, _start_import)
        register_open_items(count_owned)
        register_holdings(CustomerHoldings())
        register_work(CustomerWork())
        register_open_items(count_helped)
        register_holdings(CoHandledHoldings())
        register_work(WorkOfHoldings(CoHandledHoldings()))
