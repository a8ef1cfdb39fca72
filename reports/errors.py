"""The refusals of work reports; RPT-01 to RPT-04 are domain.md's, the later ones say what it
asks for without naming a code."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError


def _field(code: str, sentence: Any, field: str, **params: Any) -> DomainError:
    return DomainError(code, sentence, status=422, field=field, params=params)


def no_receiver() -> DomainError:
    return _field("RPT-01", _("Choose whom to report to."), "receivers")


def already_submitted(kind: object) -> DomainError:
    return DomainError(
        "RPT-02",
        _("A %(type)s was already submitted for this period."),
        params={"type": kind},
    )


def frozen() -> DomainError:
    return DomainError("RPT-03", _("A report cannot be changed after it was submitted."))


def reports_to_himself(field: str) -> DomainError:
    return _field("RPT-04", _("You cannot report to yourself."), field)


def not_a_superior(name: str) -> DomainError:
    return _field("RPT-05", _("%(name)s is not one of your superiors."), "receivers", name=name)


def no_branch() -> DomainError:
    return DomainError("RPT-06", _("You belong to no branch yet and cannot write reports."))


def not_the_author() -> DomainError:
    return DomainError("RPT-07", _("Only its author may change this report."), status=403)


def empty(field: str) -> DomainError:
    return _field("RPT-08", _("Please fill in this field."), field)


def too_long(field: str, limit: int) -> DomainError:
    return _field("RPT-09", _("At most %(limit)s characters are allowed."), field, limit=limit)


def wrong_choice(field: str) -> DomainError:
    return _field("RPT-10", _("Choose one of the values on offer."), field)


def still_a_draft() -> DomainError:
    return DomainError("RPT-11", _("A draft has no comments; submit it first."))


def copied_and_addressed() -> DomainError:
    return _field("RPT-12", _("Whom you report to needs no copy."), "copies")
