"""Who may do what to customers; every page asks here before it shows a button."""

from __future__ import annotations

from customers.choices import CustomerStatus
from customers.models import Contact, Customer
from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of

_RISK = (RoleCode.BRM, RoleCode.HRM)

#: roles beside the owner that may open a full number, by field: sufficient need (R10)
_MAY_REVEAL: dict[str, tuple[str, ...]] = {
    "id_no": (RoleCode.BRM, RoleCode.HRM, RoleCode.PLM, RoleCode.ARD),
    "acct_no": (RoleCode.BRM, RoleCode.HRM, RoleCode.FIN),
    "phone": (RoleCode.TL, RoleCode.BRM, RoleCode.HRM, RoleCode.PLM, RoleCode.ARD),
    "mobile": (RoleCode.TL, RoleCode.BRM, RoleCode.HRM, RoleCode.PLM, RoleCode.ARD),
    "phone2": (RoleCode.TL, RoleCode.BRM, RoleCode.HRM, RoleCode.PLM, RoleCode.ARD),
}


def may_enter(user: Employee) -> bool:
    """Enter new customers: account managers who sit in a department."""
    return (
        user.branch_id is not None
        and user.department_id is not None
        and roles_of(user).has(RoleCode.AM)
    )


def enters_for_others(user: Employee) -> bool:
    """Import for account managers whom the rows name: department heads and administrators."""
    return user.is_active and roles_of(user).has_any(RoleCode.TL, RoleCode.ADM)


def may_import(user: Employee) -> bool:
    return may_enter(user) or enters_for_others(user)


def imports_only(user: Employee) -> bool:
    """Administrators import without a list of customers to begin it from (N26)."""
    return enters_for_others(user) and not sees_business(user)


def may_enter_for(user: Employee, manager: Employee) -> bool:
    """Enter what ``manager`` keeps: he himself, the head of his department, an administrator."""
    if user.pk == manager.pk:
        return may_enter(user)
    heads = any(
        held.code == RoleCode.TL
        and (
            held.department_id == manager.department_id
            or (held.department_id is None and held.branch_id in (None, manager.branch_id))
        )
        for held in roles_of(user).assignments
    )
    return may_enter(manager) and (heads or roles_of(user).has(RoleCode.ADM))


def may_edit(user: Employee, customer: Customer) -> bool:
    """The customer, its contacts and opportunities: the owner alone, nobody in 公海, nobody
    once it is anonymised."""
    is_free = customer.pooled_at is None and customer.anonymised_at is None
    return user.is_active and customer.owner_id == user.pk and is_free


def may_reassign(user: Employee, customer: Customer) -> bool:
    """The head of the customer's department, or of its branch when he heads all of it.

    What asset recovery took over comes back by a handover document only (M19).
    """
    return not customer.is_in_recovery and any(
        held.code == RoleCode.TL
        and (
            held.department_id == customer.department_id
            or (held.department_id is None and held.branch_id in (None, customer.branch_id))
        )
        for held in roles_of(user).assignments
    )


def may_keep(person: Employee, customer: Customer) -> bool:
    """Be its account manager: one of its department, or of asset recovery while it is there."""
    if customer.is_in_recovery:
        return person.is_active and roles_of(person).has(RoleCode.ARD)
    return _is_account_manager(person, customer)


def may_help(person: Employee, customer: Customer) -> bool:
    """Be the 协办人 of what asset recovery has: who could keep it if it had not gone bad."""
    return person.pk != customer.owner_id and _is_account_manager(person, customer)


def _is_account_manager(person: Employee, customer: Customer) -> bool:
    is_near = person.department_id == customer.department_id
    return person.is_active and is_near and roles_of(person).has(RoleCode.AM)


def may_regroup(user: Employee, customer: Customer) -> bool:
    """Put a customer into another group or take it out of its group: risk control."""
    return any(
        held.code == RoleCode.HRM
        or (held.code == RoleCode.BRM and held.branch_id in (None, customer.branch_id))
        for held in roles_of(user).assignments
    )


def decides_on_groups(user: Employee) -> bool:
    """Risk control of any branch; of which customers, ``may_regroup`` says."""
    return roles_of(user).has_any(*_RISK)


def may_keep_groups(user: Employee) -> bool:
    return roles_of(user).has_any(RoleCode.AM, *_RISK)


def may_claim(user: Employee, customer: Customer) -> bool:
    """Take a prospect of one's own branch out of 公海."""
    return may_enter(user) and user.branch_id == customer.branch_id


def may_set_pool(user: Employee) -> bool:
    """The figures of grading and of 公海 are configuration."""
    return user.is_active and roles_of(user).has(RoleCode.ADM)


def may_keep_register(user: Employee) -> bool:
    """Declare who is related to whom (WF-17): head-office risk, who sees every customer."""
    return user.is_active and roles_of(user).has(RoleCode.HRM)


def may_reveal(user: Employee, record: Customer | Contact, field: str) -> bool:
    """Open the full number of a customer that the user can see at all."""
    customer = record.customer if isinstance(record, Contact) else record
    if may_edit(user, customer):
        return True
    roles = roles_of(user)
    if roles.has(RoleCode.ARD) and customer.biz_status != CustomerStatus.BAD:
        return roles.has_any(*set(_MAY_REVEAL[field]) - {RoleCode.ARD})
    return roles.has_any(*_MAY_REVEAL[field])


def sees_business(user: Employee) -> bool:
    """Whether the menu offers customers at all; administrators hold no business data (N26)."""
    return roles_of(user).has_any(
        RoleCode.AM,
        RoleCode.TL,
        RoleCode.BRM,
        RoleCode.BGM,
        RoleCode.HRM,
        RoleCode.CEO,
        RoleCode.FIN,
        RoleCode.PLM,
        RoleCode.ARD,
    )
