"""借新还旧: what a new loan may repay (BUS-06)."""

from __future__ import annotations

from collections.abc import Iterator

from applications.choices import BizKind
from applications.hooks import old_loans
from applications.models import BusinessApplication
from applications.rules import refusals
from lending_crm.common.errors import DomainError


def old_loan_refusals(application: BusinessApplication) -> Iterator[DomainError]:
    """The old loan is one of this customer that runs; a missing number is WF-08.

    One query, of applications for an old loan only.
    """
    number = application.previous_loan_no.strip()
    if application.biz_kind != BizKind.REFINANCE or not number:
        return
    if all(loan.number != number for loan in old_loans(application.customer)):
        yield refusals.no_old_loan(number)
