"""What others ask about issues."""

from __future__ import annotations

from issues.models import IssueEscalation


def has_issues(customer_id: int) -> bool:
    """CUS-05: an issue refers to the customer, also a draft."""
    return IssueEscalation.objects.filter(customer=customer_id).exists()
