from staff.models.calendar import HolidayOverride
from staff.models.delegation import Delegation
from staff.models.notifications import EmailDelivery, Notification, NotificationPreference
from staff.models.organisation import Branch, Department, Employee, Role, RoleAssignment
from staff.models.signature import SignatureImage

__all__ = [
    "Branch",
    "Delegation",
    "Department",
    "EmailDelivery",
    "Employee",
    "HolidayOverride",
    "Notification",
    "NotificationPreference",
    "Role",
    "RoleAssignment",
    "SignatureImage",
]
