from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = _("Reports")

    def ready(self) -> None:
        from lending_crm.common.exports import register_export
        from lending_crm.common.navigation import register_item
        from reports import panels
        from reports.events import EVENTS
        from reports.exports import PLAN_EXPORT
        from reports.holdings import PlanTaskHoldings, WorkReportWork
        from reports.work_figures import OWN_FIGURES
        from staff.events import register_event
        from staff.handing import register_holdings, register_work
        from staff.services.handing import WorkOfHoldings
        from staff.work_figures import register_figure

        register_item("home", _("Workbench"), "reports:workbench")
        register_item("reports", _("Work reports"), "reports:work-report-list", order=10)
        register_item("reports", _("Work plans"), "reports:work-plan-list", order=20)
        panels.register()
        register_export(PLAN_EXPORT)
        register_holdings(PlanTaskHoldings())
        register_work(WorkOfHoldings(PlanTaskHoldings()))
        register_work(WorkReportWork())
        for event in EVENTS:
            register_event(event)
        for figure in OWN_FIGURES:
            register_figure(figure)
