"""手续清单: which papers a loan needs, whatever its handler thinks of them (M11, R1)."""

from __future__ import annotations

from applications.choices import GuaranteeWay
from applications.models import BusinessApplication
from contracts.choices import Formality

#: what every loan needs; the notice of the all-in cost is prescribed (R1), the others bind
_ALWAYS = (
    Formality.LOAN_CONTRACT,
    Formality.LOAN_NOTE,
    Formality.CREDIT_AUTHORISATION,
    Formality.COST_NOTICE,
)
_BY_GUARANTEE = {
    GuaranteeWay.GUARANTEE: (Formality.GUARANTEE_CONTRACT,),
    GuaranteeWay.MORTGAGE: (Formality.SECURITY_CONTRACT, Formality.REGISTRATION),
    GuaranteeWay.PLEDGE: (Formality.SECURITY_CONTRACT, Formality.REGISTRATION),
}


def binding_papers(application: BusinessApplication) -> set[Formality]:
    """Papers without which nothing is signed: of every loan, and by the way of guarantee."""
    ways = (_BY_GUARANTEE.get(GuaranteeWay(way), ()) for way in application.guarantee)
    return {*_ALWAYS, *(paper for papers in ways for paper in papers)}


def laid_down_papers(application: BusinessApplication) -> list[Formality]:
    """The list that a review begins with, in its order; a company's also has its resolution."""
    needed = binding_papers(application)
    if application.customer.uscc:
        needed.add(Formality.RESOLUTION)
    return [item for item in Formality if item in needed]
