"""The kinds of numbers that identify a person: what the masks hide (R11)."""

from __future__ import annotations

from collections.abc import Callable

from django.db import models
from django.utils.translation import gettext_lazy as _

from lending_crm.common.identity import mask_card, mask_id_no, mask_phone


class NumberKind(models.TextChoices):
    """What an approved request opens; a column belongs to the kind that its mask hides."""

    ID_NO = "ID_NO", _("ID numbers")
    PHONE = "PHONE", _("Telephone numbers")
    ACCOUNT = "ACCOUNT", _("Bank cards and accounts")


_KINDS: dict[Callable[[str], str], NumberKind] = {
    mask_id_no: NumberKind.ID_NO,
    mask_phone: NumberKind.PHONE,
    mask_card: NumberKind.ACCOUNT,
}


def kind_of_mask(mask: Callable[[str], str]) -> NumberKind:
    """Raises ``ValueError`` for a mask of no kind: it would open without anybody's approval."""
    try:
        return _KINDS[mask]
    except KeyError:
        raise ValueError(f"{mask!r} hides no known kind of number") from None
