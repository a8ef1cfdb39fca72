"""Products, the lender's own figures and the LPR, as administrators and finance keep them."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal

from django.utils import timezone

from applications.choices import GuaranteeWay, RepaymentMethod
from applications.models import LenderSetting, Product
from applications.services.settings import add_lpr_quote, save_product, update_lender_setting
from staff.models import Employee

_METHOD, _WAY = RepaymentMethod, GuaranteeWay
#: code, name, yuan from and to, months from and to, percent from, to and floor, methods, guarantees
_PRODUCTS = (
    (
        "LDZJ",
        "流动资金贷款",
        100_000,
        20_000_000,
        1,
        24,
        "6",
        "18",
        "9.6",
        [_METHOD.INTEREST_FIRST, _METHOD.EQUAL_INSTALLMENT],
        [_WAY.MORTGAGE, _WAY.GUARANTEE, _WAY.PLEDGE],
    ),
    (
        "FDJY",
        "房产抵押经营贷",
        200_000,
        10_000_000,
        3,
        36,
        "6",
        "16",
        "8.4",
        [_METHOD.INTEREST_FIRST, _METHOD.EQUAL_PRINCIPAL, _METHOD.EQUAL_INSTALLMENT],
        [_WAY.MORTGAGE, _WAY.GUARANTEE],
    ),
    (
        "XYJY",
        "信用经营贷",
        50_000,
        1_000_000,
        1,
        12,
        "9",
        "20",
        "12",
        [_METHOD.EQUAL_INSTALLMENT, _METHOD.INTEREST_FIRST],
        [_WAY.GUARANTEE],
    ),
    (
        "CLZY",
        "车辆质押贷",
        50_000,
        2_000_000,
        1,
        12,
        "9",
        "20",
        "12",
        [_METHOD.INTEREST_FIRST, _METHOD.BULLET],
        [_WAY.PLEDGE],
    ),
    (
        "YSZK",
        "应收账款质押贷",
        200_000,
        5_000_000,
        1,
        12,
        "8",
        "16",
        "9",
        [_METHOD.INTEREST_FIRST, _METHOD.BULLET],
        [_WAY.PLEDGE, _WAY.GUARANTEE],
    ),
)
_NET_ASSETS = Decimal("320000000.00")
_LPR = Decimal("3.0000")
_MONTHS = 13
_QUOTED_ON, _ENTERED_AT = 20, time(10, 5)


def build_catalogue(
    *, administrator: Employee, accountant: Employee, now: datetime, until: datetime
) -> None:
    """Products and figures at ``now``, and the LPR of each month from then to ``until``."""
    for code, name, low, high, first, last, least, most, floor, methods, ways in _PRODUCTS:
        save_product(
            values={
                "code": code,
                "name": name,
                "min_amount": Decimal(low),
                "max_amount": Decimal(high),
                "min_term": first,
                "max_term": last,
                "min_rate": Decimal(least),
                "max_rate": Decimal(most),
                "floor_rate": Decimal(floor),
                "methods": methods,
                "guarantees": ways,
            },
            actor=administrator,
            now=now,
        )
    setting = LenderSetting.objects.get(pk=1)
    update_lender_setting(
        values={"net_assets": _NET_ASSETS},
        seen_version=setting.version,
        actor=administrator,
        now=now,
    )
    until = timezone.localtime(until)
    today = until.date()
    for back in range(_MONTHS, -1, -1):
        years, month = divmod(today.year * 12 + today.month - 1 - back, 12)
        quoted_on = today.replace(year=years, month=month + 1, day=_QUOTED_ON)
        if quoted_on <= today:
            entered = min(datetime.combine(quoted_on, _ENTERED_AT, tzinfo=until.tzinfo), until)
            add_lpr_quote(quoted_on=quoted_on, rate=_LPR, actor=accountant, now=entered)


def product(code: str) -> Product:
    return Product.objects.get(code=code)
