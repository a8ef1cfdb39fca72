"""Problem loans: who paid late three times, or whose supervision is yellow or red (HND-07)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.utils import translation
from django.utils.translation import gettext as _

from customers.choices import CreditColour
from funds.hooks import colours
from funds.selectors.lateness import times_overdue

#: from so many overdue instalments on a loan is a problem (domain M20)
OVERDUE_TIMES = 3
_ALARMING = (CreditColour.YELLOW, CreditColour.RED)


def problem_customers(customer_ids: Collection[int], *, day: date) -> dict[int, str]:
    """By customer why it is a problem, in Chinese, the language of record; two queries."""
    if not customer_ids:
        return {}
    late, seen = times_overdue(customer_ids, day=day), colours(customer_ids)
    found: dict[int, str] = {}
    with translation.override("zh-hans"):
        for customer in customer_ids:
            reasons = []
            if late.get(customer, 0) >= OVERDUE_TIMES:
                reasons.append(_("%(times)s times overdue") % {"times": late[customer]})
            if seen.get(customer) in _ALARMING:
                reasons.append(
                    _("supervision: %(colour)s") % {"colour": CreditColour(seen[customer]).label}
                )
            if reasons:
                found[customer] = "、".join(reasons)
    return found
