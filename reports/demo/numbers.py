"""Numbers that pass every check: made from the check algorithms, the same in every run."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import count

#: GB 11643-1999: weights of the first 17 places, check characters by the sum modulo 11.
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
#: GB 32100-2015: 31 characters without I, O, Z, S and V; weights are the powers of 3.
_CODE_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_MOBILE_PREFIXES = ("137", "138", "139", "150", "152", "158", "159", "178", "186", "187", "188")


def id_number(region: str, birth: date, serial: int, *, is_male: bool) -> str:
    """A resident ID number; the 17th place is odd for men."""
    body = f"{region}{birth:%Y%m%d}{serial % 100:02d}{serial % 4 * 2 + (1 if is_male else 2)}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _ID_WEIGHTS, strict=True))
    return body + _ID_CHECKS[total % 11]


def credit_code(region: str, serial: int) -> str:
    """A unified social credit code of a company registered with the market authority (91)."""
    body = f"91{region}MA3{_base31(serial)}"
    total = sum(
        _CODE_CHARACTERS.index(character) * pow(3, place, 31)
        for place, character in enumerate(body)
    )
    return body + _CODE_CHARACTERS[(31 - total % 31) % 31]


def _base31(number: int) -> str:
    digits = ""
    for _place in range(6):
        number, rest = divmod(number, 31)
        digits = _CODE_CHARACTERS[rest] + digits
    return digits


class NumberMaker:
    """Gives out numbers that nobody else in the demo has."""

    def __init__(self, chance: random.Random, *, today: date) -> None:
        self._chance = chance
        self._today = today
        self._serials = count(11)
        self._mobiles: set[str] = set()

    def identity(self, region: str, *, age: int, is_male: bool) -> str:
        """The ID number of somebody who is ``age`` years old today."""
        born = self._today.replace(day=1, year=self._today.year - age)
        birth = born - timedelta(days=self._chance.randint(1, 330))
        return id_number(region, birth, next(self._serials), is_male=is_male)

    def credit_code(self, region: str) -> str:
        return credit_code(region, 7_000_000 + next(self._serials) * 4_733)

    def mobile(self) -> str:
        while True:
            number = f"{self._chance.choice(_MOBILE_PREFIXES)}{self._chance.randrange(10**8):08d}"
            if number not in self._mobiles:
                self._mobiles.add(number)
                return number

    def landline(self, area: str) -> str:
        return f"{area}-{self._chance.randint(58_000_000, 88_999_999)}"

    def company_account(self) -> str:
        return f"3705{self._chance.randrange(10**15):015d}"

    def bank_card(self) -> str:
        """19 digits that end in their Luhn check digit."""
        body = f"622848{self._chance.randrange(10**12):012d}"
        total = 0
        for place, digit in enumerate(reversed(body)):
            doubled = int(digit) * (2 if place % 2 == 0 else 1)
            total += doubled - 9 if doubled > 9 else doubled
        return body + str(-total % 10)
