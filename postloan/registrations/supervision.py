"""What supervision offers the others and the menu, registered once when Django starts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from documents.kinds import register_followers
from documents.registration import register_document
from funds.hooks import register_colour_source, register_watcher
from funds.kinds.transfer import KIND_CODE as TRANSFER
from lending_crm.common import navigation
from postloan.desks.report import REPORT_DESK
from postloan.desks.supervision import SUPERVISION_DESK
from postloan.events import EVENTS
from postloan.flows import supervision as flows
from postloan.holdings import SupervisionHoldings, count_supervised
from postloan.kinds import report as report_kind
from postloan.kinds import supervision as supervision_kind
from postloan.panels import supervision as panels
from postloan.permissions import may_see_settings
from postloan.rules.supervision.creation import may_see_supervisions
from postloan.selectors.supervision import colours_of_customers
from postloan.services.supervision import SupervisionWatcher
from postloan.work_figures import SUPERVISION_FIGURES
from staff.events import register_event
from staff.handing import register_holdings, register_work
from staff.services.handing import WorkOfHoldings
from staff.services.people import register_open_items
from staff.work_figures import register_figure


def register() -> None:
    register_document(
        supervision_kind.PostLoanSupervisionKind(),
        flow=flows.PostLoanSupervisionFlow,
        categories=supervision_kind.CATEGORIES,
        chain=flows.supervision_chain,
        desk=SUPERVISION_DESK,
    )
    register_document(
        report_kind.SupervisionReportKind(),
        flow=flows.SupervisionReportFlow,
        categories=report_kind.CATEGORIES,
        chain=flows.report_chain,
        desk=REPORT_DESK,
    )
    register_followers(TRANSFER, panels.live_supervisions)
    register_followers(supervision_kind.KIND_CODE, report_kind.live_reports)
    panels.register()
    register_watcher(SupervisionWatcher())
    register_colour_source(colours_of_customers)
    register_holdings(SupervisionHoldings())
    register_work(WorkOfHoldings(SupervisionHoldings()))
    register_open_items(count_supervised)
    navigation.register_item(
        "postloan",
        _("Post-loan calendar"),
        "postloan:supervision-calendar",
        may_see_supervisions,
        order=30,
    )
    navigation.register_item(
        "settings",
        _("Supervision settings"),
        "postloan:supervision-settings",
        may_see_settings,
        order=46,
    )
    for event in EVENTS:
        register_event(event)
    for figure in SUPERVISION_FIGURES:
        register_figure(figure)
