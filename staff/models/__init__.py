from staff.models.calendar import HolidayOverride
from staff.models.notifications import EmailDelivery, Notification, NotificationPreference
from staff.models.organisation import Branch, Department, Employee, Role, RoleAssignment

__all__ = [
    "Branch",
    "Department",
    "EmailDelivery",
    "Employee",
    "HolidayOverride",
    "Notification",
    "NotificationPreference",
    "Role",
    "RoleAssignment",
]
