from customers.models.access import SensitiveAccess
from customers.models.consent import Consent
from customers.models.contact import Contact
from customers.models.customer import Customer
from customers.models.group import CustomerGroup
from customers.models.imports import ImportRun, ImportState
from customers.models.influence import InfluenceRelation
from customers.models.opportunity import FollowUp, Opportunity, StageChange
from customers.models.pool import CreditShare, GradeChange, PoolEntry, PoolSetting
from customers.models.staff_relation import StaffIdentity, StaffRelation
from customers.models.tier_change import TierChange, TierRecord

__all__ = [
    "Consent",
    "Contact",
    "CreditShare",
    "Customer",
    "CustomerGroup",
    "FollowUp",
    "GradeChange",
    "ImportRun",
    "ImportState",
    "InfluenceRelation",
    "Opportunity",
    "PoolEntry",
    "PoolSetting",
    "SensitiveAccess",
    "StaffIdentity",
    "StaffRelation",
    "StageChange",
    "TierChange",
    "TierRecord",
]
