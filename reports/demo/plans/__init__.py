"""The applications: whose, how much, for what, and what became of them."""

from reports.demo.plans.lent import LENT
from reports.demo.plans.running import RUNNING
from reports.demo.plans.settled import SETTLED
from reports.demo.steps import Plan

#: one of them is copied after its approval has run out: that makes one more
PLANS: tuple[Plan, ...] = (*RUNNING, *SETTLED, *LENT)
