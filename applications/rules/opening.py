"""Who may open an application on an opportunity, and when (BUS-07, BUS-08, OPP-05)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from applications.models import BusinessApplication
from applications.permissions import may_apply
from applications.rules import refusals
from applications.rules.eligibility import customer_refusals
from customers import errors as customer_errors
from documents.rules import refuse_unless
from lending_crm.common.errors import refuse_all

if TYPE_CHECKING:
    from customers.models import Opportunity
    from staff.models import Employee


def refuse_new_application(opportunity: Opportunity, *, actor: Employee) -> None:
    """Raise DOC-05 or CUS-11 for the wrong person, else every reason against the business."""
    refuse_unless(may_apply(actor))
    if opportunity.customer.owner_id != actor.pk:
        raise customer_errors.not_the_owner()
    reasons = list(customer_refusals(opportunity.customer))
    if not opportunity.is_open:
        reasons.append(customer_errors.opportunity_closed())
    open_no = (
        BusinessApplication.objects.filter(open_opportunity=opportunity)
        .values_list("doc_no", flat=True)
        .first()
    )
    if open_no is not None:
        reasons.append(refusals.application_open(open_no))
    refuse_all(reasons)
