"""The refusals of this app; codes and sentences up to CUS-10, CON-04, INF-03 and OPP-05 are
domain.md's, the later ones say what domain.md asks for without naming a code."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from lending_crm.common.accounts import WRONG_NUMBER
from lending_crm.common.errors import DomainError


def listed(items: Iterable[object]) -> object:
    """Names one after the other; lazy, so that every label is translated for its reader."""
    parts = [part for item in items for part in (_(", "), item)][1:]
    return format_lazy("{}" * len(parts), *parts)


def _field(code: str, sentence: Any, field: str | None, **params: Any) -> DomainError:
    return DomainError(code, sentence, status=422, field=field, params=params)


# --- customers -----------------------------------------------------------------------------


def number_taken(name: str, owner: str, *, field: str) -> DomainError:
    """撞单提示: the other handler's name and nothing else of his customer."""
    return DomainError(
        "CUS-03",
        _("A customer with this number exists: %(name)s (handled by %(owner)s)."),
        status=409,
        field=field,
        params={"name": name, "owner": owner},
    )


def has_documents() -> DomainError:
    return DomainError("CUS-05", _("The customer has documents and cannot be deleted."))


def type_fixed() -> DomainError:
    return _field("CUS-06", _("The customer type cannot be changed after saving."), "customer_type")


def age_out_of_range(low: int, high: int) -> DomainError:
    return _field(
        "CUS-07",
        _("The borrower must be %(low)s to %(high)s years old."),
        "borrower",
        low=low,
        high=high,
    )


def rebate_above_cap(cap: Decimal) -> DomainError:
    return _field(
        "CUS-08",
        _("The channel rebate ratio cannot exceed %(cap)s%%."),
        "rebate_ratio",
        cap=f"{cap.normalize():f}",
    )


def consent_missing() -> DomainError:
    return _field("CUS-09", _("Personal-information consent is missing."), "consent")


def identity_locked(field: str) -> DomainError:
    return DomainError(
        "CUS-10",
        _("Name and number are locked while a document is under approval."),
        field=field,
    )


def not_the_owner() -> DomainError:
    return DomainError(
        "CUS-11",
        _("Only the account manager of this customer may change its data."),
        status=403,
    )


def not_an_account_manager() -> DomainError:
    return DomainError("CUS-12", _("Only account managers may enter new customers."), status=403)


def wrong_manager(manager: str) -> DomainError:
    """Named in a workbook: nobody of that number or name, or nobody of the importer's people."""
    return DomainError(
        "CUS-37",
        _("%(manager)s is no account manager whom you may enter customers for."),
        status=422,
        field="manager",
        params={"manager": manager},
    )


def may_not_reassign() -> DomainError:
    return DomainError(
        "CUS-13",
        _("Only the department head of this customer may give it to somebody else."),
        status=403,
    )


def wrong_receiver() -> DomainError:
    return _field(
        "CUS-14",
        _("Choose another active account manager of the same department."),
        "owner",
    )


def no_account_holder(name: str) -> DomainError:
    return _field(
        "CUS-38",
        _("%(name)s is neither an account manager nor a head who may keep customers."),
        "owner",
        name=name,
    )


def access_reason_missing(length: int) -> DomainError:
    return _field(
        "CUS-15",
        _("Say in at least %(length)s characters why you need the full number."),
        "reason",
        length=length,
    )


def may_not_reveal() -> DomainError:
    return DomainError("CUS-16", _("You may not see the full number."), status=403)


def empty_field(field: str) -> DomainError:
    return _field("CUS-17", _("This field is required."), field)


def foreign_field(field: str) -> DomainError:
    return _field("CUS-18", _("A customer of this type does not have this field."), field)


def referred_to(names: Iterable[str]) -> DomainError:
    return DomainError(
        "CUS-19",
        _("Other customers refer to this customer; it cannot be deleted: %(names)s."),
        params={"names": listed(names)},
    )


def wrong_account_number() -> DomainError:
    return _field("CUS-20", WRONG_NUMBER, "acct_no")


def not_in_future(field: str) -> DomainError:
    return _field("CUS-21", _("The date cannot lie in the future."), field)


def wrong_customer(field: str) -> DomainError:
    return _field("CUS-22", _("Choose another customer from the list."), field)


def group_only_by_risk() -> DomainError:
    return DomainError(
        "CUS-23",
        _(
            "Only risk control may take a customer out of its group,"
            " because the group's exposure decides who approves."
        ),
        status=403,
        field="group",
    )


def group_exists() -> DomainError:
    return DomainError("CUS-24", _("A group with this name exists."), field="name")


def may_not_group() -> DomainError:
    return DomainError(
        "CUS-25",
        _("Only account managers and risk control may enter groups."),
        status=403,
    )


def too_long(field: str, limit: int) -> DomainError:
    return _field("CUS-26", _("At most %(limit)s characters are allowed."), field, limit=limit)


def wrong_choice(field: str) -> DomainError:
    return _field("CUS-27", _("Choose one of the values on offer."), field)


def negative(field: str) -> DomainError:
    return _field("CUS-28", _("The number cannot be negative."), field)


def wrong_number(field: str) -> DomainError:
    return _field("CUS-29", _("This is not a number that the system can keep."), field)


def wrong_period() -> DomainError:
    return _field("CUS-30", _("The consent cannot end before the day it was given."), "valid_until")


def may_not_keep_register() -> DomainError:
    return DomainError(
        "CUS-31",
        _("Only head-office risk control keeps the register of related employees."),
        status=403,
    )


def already_declared() -> DomainError:
    return DomainError(
        "CUS-32",
        _("This employee is declared as related to this customer already."),
        field="employee",
    )


def identity_of_another() -> DomainError:
    return DomainError(
        "CUS-33", _("This ID number is entered for another employee."), field="id_no"
    )


def not_this_person(field: str) -> DomainError:
    return _field("CUS-34", _("Choose an employee who works here."), field)


def same_group(field: str = "group") -> DomainError:
    return DomainError("CUS-35", _("The customer belongs to this group already."), field=field)


def membership_reason() -> DomainError:
    return _field("CUS-36", _("Say in at least 5 characters why the group changes."), "reason")


# --- contacts ------------------------------------------------------------------------------


def second_main_contact() -> DomainError:
    return DomainError(
        "CON-01", _("A customer can have only one main contact."), field="contact_type"
    )


def shares_above_100(total: Decimal) -> DomainError:
    return _field(
        "CON-02",
        _("Shareholdings add up to %(sum)s%%, above 100%%."),
        "share_pct",
        sum=f"{total.normalize():f}",
    )


def main_contact_missing() -> DomainError:
    return _field("CON-03", _("Enter the main contact before submitting."), "main_contact")


def spouse_missing() -> DomainError:
    return _field("CON-04", _("A married main contact needs the spouse's record."), "main_contact")


def second_spouse() -> DomainError:
    return DomainError(
        "CON-05", _("A customer can have only one spouse's record."), field="family_relation"
    )


def same_person_twice() -> DomainError:
    return DomainError(
        "CON-06",
        _("This customer already has a contact of this type with this number."),
        field="id_no",
    )


def contact_in_use() -> DomainError:
    return DomainError("CON-07", _("Documents refer to this contact; it cannot be deleted."))


def wrong_percentage(field: str) -> DomainError:
    return _field("CON-08", _("A percentage lies between 0 and 100."), field)


# --- influence -----------------------------------------------------------------------------


def influences_himself() -> DomainError:
    return _field("INF-01", _("A contact cannot influence itself."), "contact")


def relation_exists() -> DomainError:
    return DomainError("INF-02", _("This relation already exists."), field="contact")


def unrelated_contact() -> DomainError:
    return _field("INF-03", _("Choose contacts of the same or a related customer."), "contact")


# --- opportunities -------------------------------------------------------------------------


def stage_skipped(current: object, following: object) -> DomainError:
    return DomainError(
        "OPP-01",
        _("Stages cannot be skipped: %(current)s → %(next)s."),
        field="stage",
        params={"current": current, "next": following},
    )


def stage_conditions(stage: object, conditions: Iterable[object]) -> DomainError:
    return DomainError(
        "OPP-02",
        _("Before %(stage)s complete: %(conditions)s."),
        field="stage",
        params={"stage": stage, "conditions": listed(conditions)},
    )


def system_stage(stage: object) -> DomainError:
    return DomainError(
        "OPP-03",
        _("Stage %(stage)s is set by the system."),
        field="stage",
        params={"stage": stage},
    )


def step_back_reason() -> DomainError:
    return _field("OPP-04", _("A reason is needed to step back."), "reason")


def opportunity_closed() -> DomainError:
    return DomainError("OPP-05", _("The opportunity is closed."))


def lowest_stage(stage: object) -> DomainError:
    return DomainError(
        "OPP-06",
        _("One can only step back to a stage before %(stage)s."),
        field="stage",
        params={"stage": stage},
    )


def amount_not_positive() -> DomainError:
    return _field("OPP-07", _("The intended amount must be greater than 0."), "amount")


def date_passed(field: str) -> DomainError:
    return _field("OPP-08", _("The date cannot lie before today."), field)


def loss_reason_missing() -> DomainError:
    return _field("OPP-09", _("Choose why the opportunity was lost."), "lost_reason")


def no_new_business(status: object) -> DomainError:
    return DomainError(
        "BUS-07",
        _("The customer is %(status)s; no new business."),
        field="customer",
        params={"status": status},
    )


def wrong_term() -> DomainError:
    return _field("OPP-10", _("The term must be 1 to 600 months."), "term")


# --- shared --------------------------------------------------------------------------------


def stale() -> DomainError:
    return DomainError(
        "WF-12", _("The document was changed by someone else; refresh and try again.")
    )
