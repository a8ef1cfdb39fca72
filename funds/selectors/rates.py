"""Which rate of a loan holds when, by the schedules that were agreed."""

from __future__ import annotations

from datetime import date

from funds.choices import ScheduleReason, ScheduleState
from funds.models import Loan, ScheduleVersion
from funds.rules.rates import Rates


def rates_of(loan: Loan) -> Rates:
    """An extension's rate holds from the old due date, or from its day when that had passed;
    one query."""
    versions = ScheduleVersion.objects.filter(loan=loan).exclude(state=ScheduleState.REVERSED)
    rates, matured = Rates(loan.annual_rate), date.max
    rows = versions.order_by("no").values_list("reason", "annual_rate", "starts_on", "ends_on")
    for number, (reason, rate, starts_on, ends_on) in enumerate(rows):
        if number == 0:
            rates = Rates(rate)
        elif reason == ScheduleReason.EXTENDED:
            rates = Rates(rates.first, (*rates.changes, (max(matured, starts_on), rate)))
        matured = ends_on
    return rates
