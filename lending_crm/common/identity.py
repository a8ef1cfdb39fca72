"""Checks and masks for the numbers that identify people, companies and accounts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stdnum import luhn
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError as NumberError

from lending_crm.common.errors import DomainError

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK_DIGITS = "10X98765432"
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"0[0-9]{2,3}-?[0-9]{7,8}")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


@dataclass(frozen=True)
class IdFacts:
    """What a valid ID-card number says of its holder; ``number`` is its normal form."""

    number: str
    birth_date: date
    gender: Literal["M", "F"]

    def age_on(self, day: date) -> int:
        """Full years, see ``full_years``."""
        return full_years(self.birth_date, day)


def full_years(birth_date: date, day: date) -> int:
    """周岁 on the day; whoever was born on 29 February turns on 1 March of other years."""
    had_birthday = (day.month, day.day) >= (birth_date.month, birth_date.day)
    return day.year - birth_date.year - (0 if had_birthday else 1)


def _compact(value: str) -> str:
    """Full-width characters of a Chinese input method made plain, blanks out, upper case."""
    return "".join(value.translate(_FULL_WIDTH).split()).upper()


def check_uscc(value: str, *, field: str | None = "uscc") -> str:
    """The unified social credit code in upper case; refuses a wrong one with CUS-01 (R15)."""
    number = _compact(value)
    try:
        if not number.isascii():
            raise NumberError
        return uscc.validate(number)
    except NumberError:
        raise DomainError(
            "CUS-01",
            _("The unified social credit code is wrong (check character)."),
            status=422,
            field=field,
        ) from None


def check_id_no(value: str, *, today: date, field: str | None = "id_no") -> IdFacts:
    """Read a resident ID number of 18 places; refuses a wrong one with CUS-02 (R14).

    The region digits are not checked: tables of them refuse real holders whose
    district was renamed or dissolved.
    """
    number = _compact(value)
    facts = _read_id_no(number)
    if facts is None or not date(1900, 1, 1) <= facts.birth_date <= today:
        raise DomainError(
            "CUS-02",
            _("The ID number is wrong (length, birth date or check digit)."),
            status=422,
            field=field,
        )
    return facts


def _read_id_no(number: str) -> IdFacts | None:
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        return None
    total = sum(int(digit) * weight for digit, weight in zip(number, _ID_WEIGHTS, strict=False))
    if number[17] != _ID_CHECK_DIGITS[total % 11]:
        return None
    try:
        birth_date = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return IdFacts(number, birth_date, "M" if int(number[16]) % 2 else "F")


def _compact_phone(value: str) -> str:
    return re.sub(r"^(\+|00)86-?", "", _compact(value))


def _wrong_phone(field: str | None) -> DomainError:
    return DomainError("CUS-04", _("The phone number format is wrong."), status=422, field=field)


def check_mobile(value: str, *, field: str | None = "mobile") -> str:
    """A mainland mobile number as eleven digits; refuses anything else with CUS-04."""
    number = _compact_phone(value).replace("-", "")
    if not _MOBILE.fullmatch(number):
        raise _wrong_phone(field)
    return number


def check_phone(value: str, *, field: str | None = "phone") -> str:
    """A mobile or landline number; a landline keeps its hyphen. Refuses with CUS-04."""
    number = _compact_phone(value)
    if _LANDLINE.fullmatch(number):
        return number
    return check_mobile(value, field=field)


def luhn_warning(account_no: str) -> Promise | None:
    """A sentence when a card-length number fails the Luhn check, else None.

    Never an error: company accounts of 16 or 19 digits do not follow Luhn (R16).
    """
    number = _compact(account_no)
    if not re.fullmatch(r"[0-9]{16}|[0-9]{19}", number) or luhn.is_valid(number):
        return None
    return _(
        "The account number does not look like a bank card; compare it with the card "
        "unless it is a company account."
    )


def mask_id_no(number: str) -> str:
    """``210***********001X``: three places before, four behind (R11)."""
    return _mask(number, head=3, tail=4)


def mask_name(name: str) -> str:
    """``张*``: who it is only to those who know already (R11)."""
    return name[:1] + "*" * min(len(name) - 1, 2)


def mask_phone(number: str) -> str:
    """``138****8000``; of a landline the area code and the last four digits."""
    area, hyphen, rest = number.partition("-")
    if hyphen:
        return f"{area}-{_mask(rest, head=0, tail=4)}"
    return _mask(number, head=3, tail=4)


def mask_card(number: str) -> str:
    """``6222 **** **** 0128``; the length of the hidden middle is not told."""
    plain = "".join(number.split())
    if not plain:
        return ""
    if len(plain) < 12:
        return _mask(plain, head=0, tail=4)
    return f"{plain[:4]} **** **** {plain[-4:]}"


def _mask(value: str, *, head: int, tail: int) -> str:
    """Hide the middle; of a short value at least a third stays hidden."""
    while head + tail > len(value) * 2 // 3 and (head or tail):
        head, tail = (head - 1, tail) if head >= tail else (head, tail - 1)
    hidden = len(value) - head - tail
    return value[:head] + "*" * hidden + (value[-tail:] if tail else "")
