"""The refusals of work plans (X4); domain.md asks for the rules without naming codes.

Empty, too long and unknown values are those of work reports (RPT-08 to RPT-10).
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError


def plan_exists(plan_no: str) -> DomainError:
    return DomainError(
        "PLN-01",
        _("There is a plan for this period already: %(plan_no)s."),
        params={"plan_no": plan_no},
    )


def not_the_author() -> DomainError:
    return DomainError("PLN-02", _("Only its author may do this."), status=403)


def finished() -> DomainError:
    return DomainError("PLN-03", _("The task is finished; it stays as it is."))


def period_over() -> DomainError:
    return DomainError("PLN-04", _("The period is over; nothing can be planned for it any more."))


def out_of_sight() -> DomainError:
    return DomainError(
        "PLN-05",
        _("Choose a customer that the author of the plan sees."),
        status=422,
        field="customer",
    )


def no_reason() -> DomainError:
    return DomainError("PLN-06", _("Say why it was not done."), status=422, field="outcome")


def no_branch() -> DomainError:
    return DomainError("PLN-07", _("You belong to no branch yet and cannot write plans."))


def due_outside(first: object, last: object) -> DomainError:
    return DomainError(
        "PLN-08",
        _("The day must lie between %(first)s and %(last)s."),
        status=422,
        field="due_on",
        params={"first": first, "last": last},
    )


def no_picture() -> DomainError:
    return DomainError("PLN-09", _("Choose a picture (JPEG or PNG)."), status=422, field="photo")


def set_by_another() -> DomainError:
    return DomainError("PLN-10", _("Only who added the task may take it off the plan."), status=403)


def visit_without_customer() -> DomainError:
    return DomainError("PLN-11", _("A visit needs its customer."), status=422, field="customer")


def no_visit() -> DomainError:
    """Place and picture belong to a visit."""
    return DomainError(
        "PLN-12", _("Only a visit has a place and a picture."), status=422, field="place"
    )
