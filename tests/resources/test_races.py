"""Two batches in the same second, on real connections (HND-04), and one batch carried out twice."""

from __future__ import annotations

import pytest

from customers.models import Customer
from lending_crm.common.models import ChangeRecord
from resources.models import HandoverItem
from tests.applications.factories import Lender
from tests.applications.test_races import codes, together
from tests.resources.factories import Office, again, fresh

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def office(transactional_db, now) -> Office:
    return Office(Lender(now))


class TestTwoBatches:
    def test_hnd_04_a_customer_is_in_one_open_batch(self, office: Office) -> None:
        office.customers(20)
        pair = [office.draft(), office.draft(to_employee=again(office.third))]
        results = together(*(lambda each=each: office.submit(each) for each in pair))
        assert codes(results) == ["HND-04"]
        assert sorted(fresh(each).wf_status for each in pair) == ["DRAFT", "IN_APPROVAL"]
        assert HandoverItem.objects.filter(is_open=True).count() == 21

    def test_hnd_13_a_batch_is_carried_out_once(self, office: Office) -> None:
        handover = office.approved(office.draft())
        results = together(*[lambda: office.execute(handover)] * 2)
        assert codes(results) == ["HND-13"]
        customer = Customer.objects.get(pk=office.lender.customer.pk)
        assert customer.owner == office.colleague
        assert ChangeRecord.objects.filter(object_id=customer.pk, field="owner").count() == 1
