"""挪用: the funds of a loan are used for something else than was agreed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import translation

from funds.choices import ClassCause
from funds.models import Loan
from funds.rules.position import overdue_since
from funds.services.book import open_book
from funds.services.classification import classify
from lending_crm.common.changes import field_values, record_changes

if TYPE_CHECKING:
    from staff.models import Employee


@transaction.atomic
def mark_misused(*, loan_id: int, actor: Employee, now: datetime) -> Loan:
    """From today on the penalty rate of misuse applies, and the class is 关注 at best (domain §5).

    What is overdue has grown at the former rate until then and is booked so. Again, or of an
    ended loan, it changes nothing. Permission is the caller's: the approval of the supervision
    carries it.
    """
    book = open_book(loan_id=loan_id, actor=actor, now=now)
    loan = book.loan
    if loan.is_misused or loan.is_ended:
        return loan
    if overdue_since(book.lines, book.today) is not None:
        book.bring_up_to(book.today)
    with translation.override("zh-hans"):
        before = field_values(loan, ("is_misused",))
        loan.is_misused = True
        after = field_values(loan, ("is_misused",))
    book.close()
    record_changes(instance=loan, before=before, after=after, actor=actor, now=now)
    classify(loan_id=loan.pk, cause=ClassCause.RUN, day=book.today, actor=actor, now=now)
    loan.refresh_from_db()
    return loan
