"""Numbers of bank accounts: kept as digits, read masked (R11, N25)."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from lending_crm.common.identity import mask_card

WRONG_NUMBER = _("An account number has 8 to 30 digits.")
_SEPARATORS = re.compile(r"[\s-]")
_NUMBER = re.compile(r"[0-9]{8,30}")


def compact_account(number: str) -> str:
    """The digits alone, however they were grouped."""
    return _SEPARATORS.sub("", number)


def is_account_number(number: str) -> bool:
    return _NUMBER.fullmatch(number) is not None


def _refuse_other_text(number: str) -> None:
    if not is_account_number(number):
        raise ValidationError(WRONG_NUMBER)


class AccountNumberField(models.CharField):  # type: ignore[type-arg]
    """What a reader sees of it (``get_<name>_display``) is masked; a mask sent back is refused."""

    default_validators = [_refuse_other_text]

    def contribute_to_class(self, cls: type[models.Model], name: str, *args: Any) -> None:
        super().contribute_to_class(cls, name, *args)

        def masked(record: models.Model) -> str:
            return mask_card(getattr(record, name))

        setattr(cls, f"get_{name}_display", masked)
