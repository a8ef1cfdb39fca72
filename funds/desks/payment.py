"""What the desks of documents that finance pays share."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

import django_filters

from applications.assessment import local_day
from documents.choices import WfStatus
from documents.desk import Desk
from documents.desk.declaration import Action, Extra
from documents.desk.filters import DeskFilter
from funds.forms.payments import PaymentForm, ReceiptForm
from funds.permissions import may_book, may_see_ledger
from funds.rules import refusals
from funds.services.payments import may_pay

if TYPE_CHECKING:
    from staff.models import Employee

RECEIPT_DIALOG, PAYMENT_DIALOG = "receipt-dialog", "payment-dialog"


class PaymentFilter(DeskFilter):
    """What every desk narrows by, and what is approved and waits for finance."""

    payment = django_filters.ChoiceFilter(
        label=pgettext_lazy("filter", "Payment"),
        choices=[("waiting", _("To be executed"))],
        empty_label=_("All"),
        method="by_payment",
    )

    def by_payment(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        waiting: Collection[str] = getattr(self.desk, "waiting_statuses", ())
        return queryset.filter(wf_status=WfStatus.APPROVED, biz_status__in=waiting)


class PaymentDesk(Desk):
    """``waiting_statuses`` are those in which finance may pay, ``paid_status`` the one after."""

    namespace = "funds"
    icon = "coins"
    section = "funds"
    section_label = _("Fund management")
    has_biz_status = True
    waiting_statuses: ClassVar[Collection[str]] = ()
    paid_status: ClassVar[str] = ""

    @property
    def filter_class(self) -> type[DeskFilter]:
        return PaymentFilter

    def may_see_list(self, user: Employee) -> bool:
        return may_see_ledger(user)

    def receipt_actions(self, document: Any, user: Employee) -> list[Action]:
        if document.biz_status != self.paid_status or not may_book(user):
            return []
        return [Action(_("Add a bank receipt"), icon="upload", dialog=RECEIPT_DIALOG)]


class SimplePaymentDesk(PaymentDesk):
    """One act, 付款: the whole approved amount goes out under one bank reference."""

    pay_label: ClassVar[str | Promise] = _("Book the payment")

    def actions(self, document: Any, user: Employee) -> list[Action]:
        if document.wf_status != WfStatus.APPROVED or not may_book(user):
            return []
        if document.biz_status not in self.waiting_statuses:
            return self.receipt_actions(document, user)
        reason = "" if may_pay(document, user) else refusals.own_transfer().sentence
        return [
            Action(
                self.pay_label, icon="coins", dialog=PAYMENT_DIALOG, reason=reason, is_primary=True
            )
        ]

    def extras(self, document: Any, user: Employee) -> list[Extra]:
        return [self.outcome(document, user)]

    def outcome(
        self,
        document: Any,
        user: Employee,
        *,
        payment: PaymentForm | None = None,
        receipt: ReceiptForm | None = None,
    ) -> Extra:
        """What became of the money, with the dialogs; a bound form opens its own again."""
        acts = {action.dialog for action in self.actions(document, user) if not action.reason}
        initial = {"paid_on": local_day(timezone.now())}
        return Extra(
            "funds/_payment_outcome.html",
            {
                "document": document,
                "desk": self,
                "acts": acts,
                "payment": payment or PaymentForm(initial=initial),
                "receipt": receipt or ReceiptForm(),
            },
        )
