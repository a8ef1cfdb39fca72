"""中介业务申请单: list, form, page and endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.choices import IntermediaryStatus
from applications.forms.intermediary import StepDialog, booking_form, step_dialog
from applications.models import IntermediaryApplication
from applications.permissions import may_apply, may_book_fees, may_see_list
from applications.rules.eligibility import customer_refusals
from applications.rules.intermediary import (
    bookings_possible,
    is_running,
    no_principal_transfer,
    not_cleared,
)
from applications.selectors import own_opportunities
from applications.sheet import Sheet, sheet_of
from customers.models import Customer
from documents.choices import WfStatus
from documents.desk import Column, Desk, Figure, Head, Origin
from documents.desk.declaration import Action, Extra
from lending_crm.common.money import capital_amount, format_amount, format_rate

if TYPE_CHECKING:
    from staff.models import Employee


class IntermediaryDesk(Desk):
    """中介业务申请单 in sight; ``q`` finds by number, subject, contract, customer or initials."""

    kind_code = "intermediary_application"
    namespace = "applications"
    name = "intermediary"
    path = "intermediary-applications"
    icon = "building-bank"
    section = "business"
    section_label = gettext_lazy("Business management")
    plural = gettext_lazy("Intermediary applications")
    order = 40
    origin = Origin(
        field="opportunity",
        label=gettext_lazy("Opportunity"),
        candidates=own_opportunities,
        search=("subject", "customer__search_text"),
        heads=(
            Head(gettext_lazy("opportunity")),
            Head(gettext_lazy("customer")),
            Head(gettext_lazy("intended amount (CNY)"), is_number=True),
        ),
        refusal=lambda record, user: next(customer_refusals(record.customer), None),
        describe=lambda record: (str(record), record.customer.name, format_amount(record.amount)),
        empty=gettext_lazy("There is no open opportunity of your customers."),
    )
    columns = (Column("funder__name", gettext_lazy("funder")), Column("sign_amount"), Column("fee"))
    links = ("customer", "opportunity", "funder")
    has_biz_status = True
    biz_marks = {
        IntermediaryStatus.IN_PROGRESS: ("grey", "file-text"),
        IntermediaryStatus.FUNDED: ("blue", "coins"),
        IntermediaryStatus.FEE_RECEIVED: ("green", "cash"),
        IntermediaryStatus.SETTLED: ("grey", "circle-check"),
        IntermediaryStatus.TERMINATED: ("void", "ban"),
    }
    search = ("customer__search_text", "contract_no__lower")
    quiet_biz = frozenset({IntermediaryStatus.IN_PROGRESS})

    def may_see_list(self, user: Employee) -> bool:
        return may_see_list(user)

    def may_create(self, user: Employee) -> bool:
        return may_apply(user)

    def choices(self, name: str, user: Employee, *, about: Any = None) -> QuerySet:
        if name == "funder":
            return Customer.objects.channels_for(user).order_by("name")
        return super().choices(name, user, about=about)

    def figures(self, document: IntermediaryApplication) -> list[Figure]:
        signed = document.sign_amount
        total = self._sheet(document).total
        return [
            Figure(_("Signed amount"), format_amount(signed), capital_amount(signed)),
            Figure(
                _("Service fee"),
                format_amount(document.fee),
                _("%(rate)s%% of the signed amount") % {"rate": format_rate(document.fee_rate)},
            ),
            Figure(
                _("Collected for others"),
                format_amount(total.received),
                _("of %(due)s due") % {"due": format_amount(total.due)},
            ),
            Figure(
                _("Still to pass on"),
                format_amount(total.balance),
                tone="warning" if total.balance else "good",
            ),
        ]

    def actions(self, document: IntermediaryApplication, user: Employee) -> list[Action]:
        if not is_running(document):
            return []
        refused = no_principal_transfer().message
        steps = [each.action for each in self._steps(document, user)]
        return [*steps, Action(_("Fund transfer"), icon="coins", reason=refused)]

    def extras(self, document: IntermediaryApplication, user: Employee) -> list[Extra]:
        """What finance has booked since the decision, and the dialogs of the next steps.

        A business that came to nothing has it only where it has taken money in.
        """
        kinds = bookings_possible(document)
        is_approved = document.wf_status == WfStatus.APPROVED
        if not is_approved and not (kinds and self._sheet(document).total.received):
            return []
        may_book = bool(kinds) and may_book_fees(user)
        sheet = self._sheet(document)
        context = {
            "document": document,
            "title": _("Fee sheet since the approval") if is_approved else _("Fees to clear"),
            "sheet": sheet,
            "may_book": may_book,
            "form": booking_form(sheet, kinds) if may_book else None,
            "dialogs": self._steps(document, user),
        }
        return [Extra("applications/_sheet.html", context)]

    def _steps(self, document: IntermediaryApplication, user: Employee) -> list[StepDialog]:
        if not is_running(document):
            return []
        balance = self._sheet(document).total.balance
        is_handler, books = document.handler_id == user.pk, may_book_fees(user)
        return [
            step_dialog(step, document, reason=not_cleared(balance).message if balance else "")
            for step, is_open in (
                ("funding", is_handler and document.biz_status == IntermediaryStatus.IN_PROGRESS),
                ("fee", books and document.biz_status == IntermediaryStatus.FUNDED),
                ("settlement", books and document.biz_status == IntermediaryStatus.FEE_RECEIVED),
                (
                    "termination",
                    is_handler and document.biz_status != IntermediaryStatus.FEE_RECEIVED,
                ),
            )
            if is_open
        ]

    def _sheet(self, document: IntermediaryApplication) -> Sheet:
        """Read once for a page."""
        known = document.__dict__.get("_sheet")
        if known is None:
            known = document.__dict__["_sheet"] = sheet_of(document)
        return known


DESK = IntermediaryDesk()
