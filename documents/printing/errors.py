"""Why a document cannot be printed."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError


def missing_glyphs(codepoints: Iterable[int]) -> DomainError:
    named = "、".join(f"{chr(code)} (U+{code:04X})" for code in sorted(set(codepoints))[:20])
    return DomainError(
        "PRT-01",
        _(
            "These characters cannot be printed because no installed font has them:"
            " %(characters)s. Correct them or ask the administrator to install a font."
        ),
        status=422,
        params={"characters": named},
    )


def cannot_print_chinese(missing: str) -> DomainError:
    return DomainError(
        "PRT-02",
        _(
            "The server cannot print Chinese: %(missing)s is missing;"
            " ask the administrator to install it."
        ),
        status=503,
        params={"missing": missing},
    )
