"""ATT-02 and FIL: why a file is not taken or not given, each in one sentence."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError

MAX_UPLOAD_MB = 50
MAX_UPLOAD_BYTES = MAX_UPLOAD_MB * 1024 * 1024


def not_allowed(why: str | Promise | None = None, **params: object) -> DomainError:
    """The catalogue's sentence and, where the file's own fault is known, what it is."""
    sentence = _("File type not allowed or larger than %(n)s MB.")
    return DomainError(
        "ATT-02",
        format_lazy("{} {}", sentence, why) if why else sentence,
        status=422,
        field="file",
        params={"n": MAX_UPLOAD_MB, **params},
    )


def empty() -> DomainError:
    return not_allowed(_("The file is empty (0 bytes)."))


def empty_archive() -> DomainError:
    return not_allowed(_("The archive holds no files."))


def lies(extension: str) -> DomainError:
    return not_allowed(
        _("The file's content is not what its name says (.%(extension)s)."), extension=extension
    )


def damaged() -> DomainError:
    return not_allowed(_("The file is damaged and cannot be opened."))


def locked() -> DomainError:
    return not_allowed(_("The file is protected by a password; upload it without one."))


def has_macros() -> DomainError:
    return not_allowed(_("The file contains macros; save it without them."))


def bomb() -> DomainError:
    return not_allowed(
        _(
            "The archive unpacks to far more than it should (size, number of files or"
            " archives within archives)."
        )
    )


def too_many_pixels(limit: int) -> DomainError:
    return not_allowed(
        _("The image has more than %(limit)s million pixels."), limit=limit // 1_000_000
    )


def cannot_store() -> DomainError:
    return DomainError(
        "FIL-01",
        _(
            "The file could not be stored because the server's storage is full or not writable;"
            " tell the administrator."
        ),
        status=503,
        field="file",
    )


def missing() -> DomainError:
    return DomainError(
        "FIL-02",
        _("The stored file is missing or unreadable on the server; tell the administrator."),
        status=404,
    )
