"""What this app offers the others, registered once when Django starts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from documents.ownership import register_owner_source
from documents.registration import register_document
from lending_crm.common import outbox
from lending_crm.common.dictionary import register_list
from resources.choices import HandoverReason
from resources.default_flow import default_chain
from resources.desk import HANDOVER_DESK
from resources.flows import WorkHandoverFlow
from resources.kinds import CATEGORIES, EXECUTE_TOPIC, KIND_CODE, WorkHandoverKind, related_to
from resources.owners import FinishedWork, Owners
from resources.services.execution import execute_message
from staff.events import Event, register_event
from staff.handing import register_work
from workflows.conflicts import register_conflict_check


def register_all() -> None:
    register_list(HandoverReason, _("Reasons of a work handover"), "resources.workhandover.reason")
    register_document(
        WorkHandoverKind(),
        flow=WorkHandoverFlow,
        categories=CATEGORIES,
        chain=default_chain,
        desk=HANDOVER_DESK,
    )
    register_owner_source(Owners())
    register_work(FinishedWork())
    register_conflict_check(related_to, kinds=(KIND_CODE,))
    outbox.register(EXECUTE_TOPIC, execute_message)
    register_event(
        Event(
            "work_handover.approved",
            _("A work handover is approved and waits to be carried out"),
            _("%(doc_no)s of %(party)s is approved, effective on %(date)s"),
        )
    )
    register_event(
        Event(
            "work_handover.done",
            _("A work handover that concerns me was carried out"),
            _("%(doc_no)s of %(party)s: %(moved)s things moved, %(skipped)s stayed"),
        )
    )
