from staff.selectors.directory import (
    branches_with_counts,
    change_log,
    changes_of,
    department_trees,
    directory,
    name_records,
    roles_with_holders,
)
from staff.selectors.notifications import (
    newest_notification,
    notifications_since,
    unread_count,
)
from staff.selectors.roles import (
    HeldRole,
    RoleSet,
    holders,
    in_charge_above,
    nearest_superiors,
    roles_of,
    superior_chain,
)

__all__ = [
    "HeldRole",
    "RoleSet",
    "branches_with_counts",
    "change_log",
    "changes_of",
    "department_trees",
    "directory",
    "holders",
    "in_charge_above",
    "name_records",
    "nearest_superiors",
    "newest_notification",
    "notifications_since",
    "roles_of",
    "roles_with_holders",
    "superior_chain",
    "unread_count",
]
