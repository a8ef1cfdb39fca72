"""What people hear of loans and of payments by finance."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from staff.events import Event

EVENTS = (
    Event(
        "loan.overdue",
        _("A loan of mine became overdue"),
        _("Loan %(doc_no)s of %(party)s is overdue since %(date)s"),
        by_email=True,
    ),
    Event(
        "write_off.proposed",
        _("A loan is proposed to be written off"),
        _("%(actor)s proposes to write off loan %(doc_no)s of %(party)s: %(opinion)s"),
        by_email=True,
    ),
    Event(
        "write_off.answered",
        _("A write-off that I proposed was answered"),
        _("%(actor)s answered the proposal to write off loan %(doc_no)s of %(party)s"),
    ),
    Event(
        "payment.waiting",
        _("An approved document waits for its payment"),
        _("%(doc_no)s of %(party)s is approved and waits for its payment"),
        by_email=True,
    ),
    Event(
        "payment.done",
        _("A document of mine was paid"),
        _("%(actor)s booked the payment of %(doc_no)s of %(party)s"),
        by_email=True,
    ),
    Event(
        "payment.failed",
        _("The payment of a document of mine failed"),
        _("The payment of %(doc_no)s of %(party)s failed"),
        by_email=True,
    ),
)
