from customers.models.access import SensitiveAccess
from customers.models.consent import Consent
from customers.models.contact import Contact
from customers.models.customer import Customer
from customers.models.group import CustomerGroup
from customers.models.imports import ImportRun, ImportState
from customers.models.influence import InfluenceRelation
from customers.models.opportunity import FollowUp, Opportunity, StageChange

__all__ = [
    "Consent",
    "Contact",
    "Customer",
    "CustomerGroup",
    "FollowUp",
    "ImportRun",
    "ImportState",
    "InfluenceRelation",
    "Opportunity",
    "SensitiveAccess",
    "StageChange",
]
