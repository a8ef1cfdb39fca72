from __future__ import annotations

from customers.models import Customer
from staff.models import Employee


def count_owned(employee: Employee) -> int:
    """Customers that must find another account manager before this one leaves (HND-06)."""
    return Customer.objects.filter(owner=employee, pooled_at=None).count()


def count_helped(employee: Employee) -> int:
    """Customers of asset recovery whose 协办人 he is: they need another one (HND-06)."""
    return Customer.objects.filter(co_handler=employee).count()
