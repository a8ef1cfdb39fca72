"""What the completion of customers and the handover of bad ones register when Django starts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from applications.assessment import KIND_CODE as APPLICATION
from documents.kinds import register_followers
from documents.registration import register_document
from funds.counting import register_after_count
from postloan.desks.bad_customers import BAD_CUSTOMER_DESK
from postloan.desks.completion import COMPLETION_DESK
from postloan.flows.bad_customers import BadCustomerHandoverFlow, handover_chain
from postloan.flows.completion import CustomerCompletionFlow, completion_chain
from postloan.kinds import bad_customers, completion
from postloan.panels import bad_customers as bad_customer_panels
from postloan.panels import completion as completion_panels
from postloan.rules.completion.submission import live_completions
from postloan.services.bad_proposals import PROPOSED, STEP_DUE, after_count
from staff.events import Event, register_event


def register_closing() -> None:
    register_document(
        completion.CustomerCompletionKind(),
        flow=CustomerCompletionFlow,
        categories=completion.CATEGORIES,
        chain=completion_chain,
        desk=COMPLETION_DESK,
    )
    register_document(
        bad_customers.BadCustomerHandoverKind(),
        flow=BadCustomerHandoverFlow,
        categories=bad_customers.CATEGORIES,
        chain=handover_chain,
        desk=BAD_CUSTOMER_DESK,
    )
    completion_panels.register()
    bad_customer_panels.register()
    register_followers(APPLICATION, live_completions)
    register_after_count(after_count)
    register_event(
        Event(
            PROPOSED,
            _("A customer of my branch became a bad one"),
            _("%(party)s became a bad customer; handover %(doc_no)s waits to be filled in"),
            by_email=True,
        )
    )
    register_event(
        Event(
            STEP_DUE,
            _("A step of collection at a bad customer is due"),
            _("The next step at %(party)s (%(doc_no)s) was due on %(date)s"),
        )
    )
