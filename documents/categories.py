"""附件类别: which classes of attachments exist, and which a kind of document offers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class AttachmentCategory:
    """``code`` is stored with each attachment and never changes; ``label`` may."""

    code: str
    label: str | Promise


INVESTIGATION: Final = AttachmentCategory("INVESTIGATION", _("Pre-loan investigation report"))
CREDIT: Final = AttachmentCategory("CREDIT", _("Loans and credit record"))
SOLVENCY: Final = AttachmentCategory("SOLVENCY", _("Solvency analysis"))
IDENTITY: Final = AttachmentCategory("IDENTITY", _("Identity document or business licence"))
CREDIT_AUTHORISATION: Final = AttachmentCategory(
    "CREDIT_AUTHORISATION", _("Authorisation of the credit-bureau query")
)
FINANCIALS: Final = AttachmentCategory("FINANCIALS", _("Financial statements or bank flow"))
COLLATERAL: Final = AttachmentCategory("COLLATERAL", _("Ownership of the collateral"))
PURPOSE: Final = AttachmentCategory("PURPOSE", _("Proof of purpose"))
CONSENT: Final = AttachmentCategory("CONSENT", _("Personal-information consent"))
OTHER: Final = AttachmentCategory("OTHER", _("Other"))

_known: dict[str, AttachmentCategory] = {}
_offered: dict[str, tuple[AttachmentCategory, ...]] = {}


def register_categories(kind: str, categories: Iterable[AttachmentCategory]) -> None:
    """Name what the documents of ``kind`` offer, in the order shown; called from ``apps.py``."""
    offered = tuple(categories)
    for category in offered:
        if _known.setdefault(category.code, category).label != category.label:
            raise ValueError(f"attachment category {category.code!r} has two labels")
    _offered[kind] = offered


def categories_of(kind: str) -> tuple[AttachmentCategory, ...]:
    """What a document of ``kind`` offers; a kind that registered nothing takes anything as 其他."""
    return _offered.get(kind, (OTHER,))


def names_in_record() -> dict[str, str]:
    """Every category as 修改记录 calls it, in Chinese, with its name in the reader's language."""
    known = {**_known, OTHER.code: OTHER}.values()
    with translation.override("zh-hans"):
        stored = [str(category.label) for category in known]
    return dict(zip(stored, (str(category.label) for category in known), strict=True))


def label_of(code: str) -> str | Promise:
    """The label of a stored code; the code itself when its app is gone."""
    if code == OTHER.code:
        return OTHER.label
    category = _known.get(code)
    return category.label if category else code
