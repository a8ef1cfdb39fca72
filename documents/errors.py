"""The refusals that every document shares; the sentences are those of domain.md §2.2, M10."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from documents.choices import VoidState, WfStatus
from lending_crm.common.errors import DomainError
from staff.choices import RoleCode


def under_approval() -> DomainError:
    return DomainError(
        "WF-04",
        _(
            "The document is under approval and cannot be changed;"
            " use a supplementary attachment instead."
        ),
    )


def wrong_status(status: str) -> DomainError:
    return DomainError(
        "WF-05",
        _("The document is already %(status)s; this action is not allowed."),
        params={"status": WfStatus(status).label},
    )


def same_handler() -> DomainError:
    return DomainError(
        "HND-01", _("Nobody can take over from himself."), status=422, field="successor"
    )


def receiver_inactive(name: str) -> DomainError:
    return DomainError(
        "HND-02",
        _("%(name)s, who should take over, is inactive."),
        status=422,
        field="successor",
        params={"name": name},
    )


def receiver_elsewhere(branch: str) -> DomainError:
    return DomainError(
        "HND-03",
        _("The receiver does not belong to %(branch)s; head office must approve that."),
        status=422,
        field="successor",
        params={"branch": branch},
    )


def receiver_no_handler(name: str) -> DomainError:
    return DomainError(
        "HND-08",
        _("%(name)s is neither an account manager nor a department head."),
        status=422,
        field="successor",
        params={"name": name},
    )


def needs_successor() -> DomainError:
    return DomainError("HND-09", _("Name who takes it over."), status=422, field="successor")


def not_his_any_more(name: str) -> DomainError:
    return DomainError("HND-11", _("%(name)s does not hold it any more."), params={"name": name})


def required_fields(labels: Iterable[object]) -> DomainError:
    return DomainError(
        "WF-08",
        _("These required fields are empty: %(fields)s."),
        status=422,
        params={"fields": _listed(*labels)},
    )


def required_attachments(labels: Iterable[object]) -> DomainError:
    return DomainError(
        "WF-09",
        _("Required attachments are missing: %(categories)s."),
        status=422,
        field="attachments",
        params={"categories": _listed(*labels)},
    )


def has_no_place() -> DomainError:
    return DomainError(
        "DOC-01",
        _("You belong to no branch and department yet; ask the administrator to set them."),
        status=403,
    )


def may_not_void() -> DomainError:
    return DomainError(
        "DOC-03",
        _(
            "An approved document is voided by two people: head-office risk control or the"
            " administrator asks for it, and the other one confirms."
        ),
        status=403,
    )


def void_asked_already(doc_no: str) -> DomainError:
    return DomainError(
        "DOC-11",
        _("Somebody has asked to void %(no)s already; answer that request."),
        params={"no": doc_no},
    )


def may_not_answer(role: RoleCode) -> DomainError:
    return DomainError(
        "DOC-12",
        _("Somebody else than who asked answers this request, in the role “%(role)s”."),
        status=403,
        params={"role": role.label},
    )


def void_answered(state: VoidState) -> DomainError:
    return DomainError(
        "DOC-13",
        _("This request is closed already: %(state)s."),
        params={"state": state.label},
    )


def not_requester() -> DomainError:
    return DomainError("DOC-14", _("Only who asked takes the request back."), status=403)


def nobody_confirms(role: RoleCode) -> DomainError:
    return DomainError(
        "DOC-09",
        _("Nobody could confirm it: no other active person holds the role “%(role)s”."),
        params={"role": role.label},
    )


def unknown_number() -> DomainError:
    return DomainError(
        "DOC-10",
        _("There is no approved document with this number."),
        status=422,
        field="doc_no",
    )


def has_followers(documents: Iterable[object]) -> DomainError:
    return DomainError(
        "DOC-02",
        _("It cannot be voided because other documents follow from it: %(documents)s."),
        params={"documents": _listed(*documents)},
    )


def frozen_attachments() -> DomainError:
    return DomainError("ATT-01", _("Use a supplement while under approval."))


def unknown_category() -> DomainError:
    return DomainError(
        "ATT-03",
        _("Choose one of the attachment categories of this document."),
        status=422,
        field="category",
    )


def missing_title() -> DomainError:
    return DomainError("ATT-04", _("Give the attachment a name."), status=422, field="title")


def not_current() -> DomainError:
    return DomainError(
        "ATT-05", _("This attachment was replaced or removed meanwhile; reload the page.")
    )


def no_upload() -> DomainError:
    return DomainError("ATT-06", _("Choose a file to upload."), status=422, field="file")


def not_under_approval(doc_no: str) -> DomainError:
    return DomainError(
        "SUP-01",
        _("%(no)s is not under approval; edit the attachments instead."),
        params={"no": doc_no},
    )


def no_files() -> DomainError:
    return DomainError("SUP-02", _("Add at least one file."), status=422, field="files")


def supplement_closed() -> DomainError:
    return DomainError("SUP-03", _("A submitted supplement cannot be changed."))


def may_not_supplement() -> DomainError:
    return DomainError(
        "SUP-04", _("Only the handler of the document may add material to it."), status=403
    )


def missing_subject() -> DomainError:
    return DomainError("SUP-05", _("Give the supplement a subject."), status=422, field="subject")


def too_long(field: str, limit: int) -> DomainError:
    return DomainError(
        "DOC-04",
        _("At most %(n)s characters are allowed here."),
        status=422,
        field=field,
        params={"n": limit},
    )


def _join(*items: object) -> str:
    return pgettext("between the items of a list", ", ").join(map(str, items))


#: Joined when it is read, so that every label is in the reader's language.
_listed = lazy(_join, str)
