"""The refusals of the work handover: domain.md's codes HND-01 to HND-07, and those beside them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from lending_crm.common.errors import DomainError


def same_person(field: str = "to_employee") -> DomainError:
    return DomainError("HND-01", _("Nobody can take over from himself."), status=422, field=field)


def receiver_inactive(name: str, *, field: str = "to_employee") -> DomainError:
    return DomainError(
        "HND-02",
        _("%(name)s, who should take over, is inactive."),
        status=422,
        field=field,
        params={"name": name},
    )


def in_another_batch(kind: str, label: str, doc_no: str) -> DomainError:
    sentence = (
        _("Customer %(name)s is in another handover batch, %(doc_no)s.")
        if kind == "customers"
        else _("%(name)s is in another handover batch, %(doc_no)s.")
    )
    return DomainError("HND-04", sentence, params={"name": label, "doc_no": doc_no})


def taken_meanwhile() -> DomainError:
    """Two batches at the same moment: the second one learns which when it tries again."""
    return DomainError(
        "HND-04", _("Another handover batch with some of these was submitted just now.")
    )


def would_approve_own(documents: Iterable[str]) -> DomainError:
    """Told, never raised: the steps go up by themselves (N2)."""
    return DomainError(
        "HND-05",
        _(
            "After the handover the receiver would approve his own documents: %(documents)s;"
            " their steps go to the superior."
        ),
        params={"documents": _listed(*documents)},
    )


def problem_to_head() -> DomainError:
    return DomainError(
        "HND-07",
        _("Problem loans must go to a department head or above."),
        status=422,
        field="items",
    )


def supervisor_involved() -> DomainError:
    return DomainError(
        "HND-10",
        _("The supervisor must be somebody else than who hands over or receives."),
        status=422,
        field="supervisor",
    )


def needs_receiver(things: Iterable[str]) -> DomainError:
    return DomainError(
        "HND-09",
        _("Name who takes these over: %(things)s."),
        status=422,
        field="items",
        params={"things": _listed(*things)},
    )


def nothing_chosen() -> DomainError:
    return DomainError(
        "HND-12", _("Nothing is chosen to be handed over."), status=422, field="items"
    )


def not_executable(status: object) -> DomainError:
    return DomainError(
        "HND-13",
        _("The handover is “%(status)s” and cannot be carried out."),
        params={"status": status},
    )


def not_effective_yet(day: date) -> DomainError:
    return DomainError(
        "HND-14",
        _("The handover takes effect on %(day)s and not before."),
        params={"day": day.isoformat()},
    )


def nothing_to_return(name: str) -> DomainError:
    return DomainError(
        "HND-15",
        _("%(name)s received nothing in this handover that could be given back."),
        params={"name": name},
    )


def kind_is_gone(code: str) -> DomainError:
    return DomainError(
        "HND-16", _("Things of the kind %(code)s cannot be moved any more."), params={"code": code}
    )


_listed = lazy(lambda *items: pgettext("list", ", ").join(str(item) for item in items), str)
