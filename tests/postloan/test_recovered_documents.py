"""What 资产保全部 reads: all about a 不良 customer, as long as he is one (domain §1, N26)."""

from __future__ import annotations

from django.db import connection

import pytest

from customers.models import Customer
from customers.querysets import ReadByRecovery
from documents.kinds import RoutedDocumentKind, routed_kind
from documents.models import Document
from documents.services.drafts import create_draft, update_draft
from issues.kinds import KIND_CODE as ISSUE
from issues.models import IssueEscalation
from tests.applications.factories import Lender
from tests.applications.test_approval import again
from tests.applications.test_races import codes
from tests.funds.factories import Ledger, at
from tests.postloan.closing import begin_handover, handed_over, overdue_day, pass_all, submit
from tests.postloan.test_closing_races import meanwhile
from tests.staff.factories import person
from workflows.kinds import all_kinds
from workflows.models import Case


def about_customers() -> list[RoutedDocumentKind]:
    """The kinds that asset recovery reads."""
    return [kind for kind in all_kinds() if isinstance(kind, ReadByRecovery)]


def about(customer_id: int) -> set[int]:
    return {
        pk
        for kind in about_customers()
        for pk in kind.model.objects.filter(customer=customer_id).values_list("pk", flat=True)
    }


def seen(user) -> set[int]:
    found = set(Document.objects.visible_to(user).values_list("pk", flat=True))
    by_kind = {
        pk
        for kind in about_customers()
        for pk in kind.visible_to(user).values_list("pk", flat=True)
    }
    cases = set(Case.objects.visible_to(user).values_list("document_id", flat=True))
    assert found == by_kind
    assert found == set(Document.objects.seen_among(user, [*found]).values_list("pk", flat=True))
    assert cases == {doc.pk for doc in Document.objects.filter(pk__in=found).exclude(case=None)}
    return found


def issue_about(customer, ledger, day):
    people = ledger.lender.people
    return create_draft(
        kind=routed_kind(ISSUE),
        origin=None,
        actor=again(people.am),
        now=at(day),
        values={
            "issue_kind": "COMPLAINT",
            "reporter": "张三",
            "reported_on": day,
            "description": "客户投诉放款延迟三天",
            "owner": people.colleague,
            "customer": customer,
        },
    )


@pytest.fixture
def loan(ledger):
    return ledger.loan()


@pytest.fixture
def late(loan):
    return overdue_day(loan, 91)


@pytest.fixture
def officer(ledger):
    """Of asset recovery, and nobody has asked him about anything."""
    return person("ARD", branch=ledger.lender.people.ard.branch)


class TestFollows:
    def test_n26_everything_about_a_customer_from_the_day_he_is_bad(
        self, ledger, loan, late, officer
    ):
        sound = issue_about(ledger.lender.borrower(name="沈阳正常贸易有限公司"), ledger, late)
        assert seen(officer) == set()
        handed_over(ledger, loan, late)
        assert len(seen(officer)) == 2  # the business and the handover
        assert seen(officer) == about(loan.customer_id)
        assert sound.pk not in seen(officer)

    def test_n26_what_is_made_later_too(self, ledger, loan, late, officer):
        handed_over(ledger, loan, late)
        customer = Customer.objects.get(pk=loan.customer_id)
        made = issue_about(customer, ledger, late)
        assert made.pk in seen(officer)

    def test_n26_a_draft_that_turns_to_another_customer(self, ledger, loan, late, officer):
        handed_over(ledger, loan, late)
        am, bad = ledger.lender.am, Customer.objects.get(pk=loan.customer_id)
        made = issue_about(None, ledger, late)
        assert made.pk not in seen(officer)
        for customer in (bad, None):
            update_draft(
                kind=routed_kind(ISSUE),
                document_id=made.pk,
                actor=am,
                now=at(late),
                values={"customer": customer},
            )
            assert (made.pk in seen(officer)) == (customer is not None)

    def test_n26_no_longer_when_he_has_recovered(self, ledger, loan, late, officer):
        handed_over(ledger, loan, late)
        Customer.objects.filter(pk=loan.customer_id).update(biz_status="ACTIVE", co_handler=None)
        assert seen(officer) == set()
        assert not Document.objects.filter(about_bad_customer=True).exists()
        assert not Case.objects.filter(about_bad_customer=True).exists()

    def test_n26_a_blacklisted_customer_is_its_officers_alone(self, ledger, loan, late, officer):
        Customer.objects.filter(pk=loan.customer_id).update(biz_status="BLACKLISTED")
        handed_over(ledger, loan, late)
        assert seen(officer) == set()
        assert about(loan.customer_id) <= seen(again(ledger.lender.people.ard))

    def test_n26_a_row_read_before_and_saved_whole_changes_nothing(
        self, ledger, loan, late, officer
    ):
        made = issue_about(Customer.objects.get(pk=loan.customer_id), ledger, late)
        document, people = begin_handover(ledger, loan, late), ledger.lender.people
        case = submit(document, late)
        pass_all(document, [people.tl, people.brm, people.bgm, people.hrm, people.ard], late)
        for row in (made, case):
            assert not row.about_bad_customer
            row.save()
            row.refresh_from_db()
            assert row.about_bad_customer
        assert made.pk in seen(officer)

    def test_each_kind_has_the_trigger(self, db):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tgrelid::regclass::text FROM pg_trigger"
                " WHERE tgname LIKE 'pgtrigger\\_follows\\_bad\\_customer\\_%'"
            )
            tables = sorted(row[0] for row in cursor.fetchall())
        assert tables == sorted(kind.model._meta.db_table for kind in about_customers())


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
class TestAtOnce:
    """A document is made in the second in which its customer turns bad: it is read all the same."""

    @pytest.fixture
    def ledger(self, transactional_db, now) -> Ledger:
        from funds.services.defaults import ensure_settings

        ensure_settings()
        return Ledger(Lender(now))

    @pytest.fixture
    def last(self, ledger, loan, late):
        """The decision that hands the customer over."""
        document = begin_handover(ledger, loan, late)
        submit(document, late)
        people = ledger.lender.people
        pass_all(document, [people.tl, people.brm, people.bgm, people.hrm], late)
        return lambda: pass_all(document, [again(people.ard)], late)

    @pytest.mark.parametrize("is_made_first", [True, False])
    def test_n26_whoever_comes_first(self, ledger, loan, late, last, officer, is_made_first):
        self.check(loan, ledger, late, last, officer, is_made_first)

    @pytest.mark.parametrize("is_made_first", [True, False])
    def test_n26_however_the_status_is_written(self, ledger, loan, late, officer, is_made_first):
        """Of this column alone, which PostgreSQL locks less for."""
        rows = Customer.objects.filter(pk=loan.customer_id)
        self.check(
            loan, ledger, late, lambda: rows.update(biz_status="BAD"), officer, is_made_first
        )

    def check(self, loan, ledger, late, turn, officer, is_made_first):
        customer = Customer.objects.get(pk=loan.customer_id)

        def make() -> None:
            issue_about(customer, ledger, late)

        first, second = (make, turn) if is_made_first else (turn, make)
        results = meanwhile(first, second)
        assert not codes(results), results
        assert IssueEscalation.objects.get().pk in about(customer.pk)
        assert about(customer.pk) == seen(again(officer))
