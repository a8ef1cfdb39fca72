from __future__ import annotations

from customers.models import Customer
from staff.models import Employee


def count_owned(employee: Employee) -> int:
    """Customers that must find another account manager before this one leaves (HND-06)."""
    return Customer.objects.filter(owner=employee, pooled_at=None).count()
