"""Set-up for the tests of keeping: a borrower who is done with the lender, years later."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from customers.models import Customer, SensitiveAccess
from documents.files.storage import path_of
from documents.models import StoredFile
from funds.models import Loan
from lending_crm.common.crypto import blind_index
from sms.models import SmsMessage
from staff.models import Notification
from tests.applications.factories import Lender
from tests.documents.desks import Road
from tests.funds.factories import Ledger
from tests.postloan import closing

PHONE = "13800138000"


class Past:
    """One customer with a real approval, a loan that was repaid, files, logs and messages."""

    def __init__(self, now: datetime, *, is_settled: bool = True) -> None:
        self.now = now
        self.lender = Lender(now)
        self.people = self.lender.people
        self.customer: Customer = self.lender.customer
        self.road = Road(self.lender.draft(remark="电话13800138000联系张三"), now)
        self.road.submit()
        self.road.to_the_end()
        self.ledger = Ledger(self.lender)
        self.loan: Loan = self.ledger.loan()
        if is_settled:
            closing.settle(self.ledger, self.loan, self.ledger.day(20))
        Customer.objects.filter(pk=self.customer.pk).update(biz_status="COMPLETED")
        self._traces()

    @property
    def later(self) -> datetime:
        """Eleven years on, when the ten of the law are over."""
        return self.now + timedelta(days=11 * 366)

    def stored(self) -> Customer:
        return Customer.objects.get(pk=self.customer.pk)

    def files(self) -> list[StoredFile]:
        return list(StoredFile.objects.order_by("pk"))

    def write_bytes(self) -> None:
        """The factories keep rows without bytes; these are what erasing must remove."""
        for file in self.files():
            path = path_of(file.sha256)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x")

    def _traces(self) -> None:
        contact = self.customer.contacts.get()
        SensitiveAccess.objects.create(
            model="customers.contact", object_id=contact.pk, label=contact.name, field="mobile",
            reason="核对张三的号码", actor=self.people.am, at=self.now,
        )  # fmt: skip
        SmsMessage.objects.create(
            kind="REPLY", status="RECEIVED", customer=self.customer, recipient="张三",
            number=PHONE, number_index=blind_index(PHONE), number_masked="138****8000",
            text="我是张三", created_at=self.now, not_before=self.now, gateway_id="1",
        )  # fmt: skip
        Notification.objects.create(
            recipient=self.people.am, event="case.asked", created_at=self.now,
            params={"party": self.customer.name, "doc_no": self.customer.customer_no},
        )  # fmt: skip


def rows_that_say(word: str) -> dict[str, int]:
    """By table, how many rows hold the word in any column."""
    from django.apps import apps
    from django.db import connection

    found: dict[str, Any] = {}
    for model in apps.get_models():
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT count(*) FROM "{table}" row WHERE row::text LIKE %s',
                [f"%{word}%"],
            )
            count = cursor.fetchone()[0]
        if count:
            found[table] = count
    return found
