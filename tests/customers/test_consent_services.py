"""个人信息授权书 (R10): the signed paper behind CUS-09."""

from __future__ import annotations

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

import pytest

from customers.models import Consent
from customers.services.consents import add_consent, revoke_consent
from lending_crm.common.models import ChangeRecord
from tests.customers.factories import make_contact, make_customer, make_person
from tests.customers.test_customer_services import refused

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def paper(customer, now, **values):
    return {
        "customer": customer,
        "contact": None,
        "upload": SimpleUploadedFile("授权书.pdf", PDF),
        "purposes": ["LOAN_REVIEW", "CREDIT_QUERY"],
        "granted_on": now.date(),
        "valid_until": None,
        "actor": customer.owner,
        "now": now,
    } | values


class TestAddConsent:
    def test_keeps_the_paper_and_notes_it(self, customer, now):
        contact = make_contact(customer, now)
        consent = add_consent(**paper(customer, now, contact=contact))
        assert (consent.file_name, consent.file.extension) == ("授权书.pdf", "pdf")
        note = ChangeRecord.objects.get(model="customers.customer", field="consents")
        assert note.new == "张三 2026-03-02 贷款审查审批、征信查询"

    def test_takes_a_persons_own_paper(self, world, now):
        customer = make_person(world.am, now)
        assert add_consent(**paper(customer, now)).contact is None

    def test_refuses_a_file_that_lies_att_02(self, customer, now):
        contact = make_contact(customer, now)
        fake = SimpleUploadedFile("授权书.pdf", b"MZ\x90\x00 not a pdf")
        assert "ATT-02" in refused(
            add_consent, **paper(customer, now, contact=contact, upload=fake)
        )
        assert not Consent.objects.exists()

    def test_asks_for_person_and_purpose_cus_17(self, customer, now):
        found = refused(add_consent, **paper(customer, now, purposes=[]))
        assert set(found) == {"CUS-17"}

    def test_refuses_future_and_reversed_days_cus_21_cus_30(self, customer, now):
        contact = make_contact(customer, now)
        day = timedelta(days=1)
        assert "CUS-21" in refused(
            add_consent, **paper(customer, now, contact=contact, granted_on=now.date() + day)
        )
        assert "CUS-30" in refused(
            add_consent, **paper(customer, now, contact=contact, valid_until=now.date() - day)
        )

    def test_refuses_the_contact_of_another_customer_cus_22(self, customer, world, now):
        other = make_contact(make_customer(world.am, now), now)
        assert "CUS-22" in refused(add_consent, **paper(customer, now, contact=other))

    def test_refuses_others_cus_11(self, customer, world, now):
        assert "CUS-11" in refused(add_consent, **paper(customer, now, actor=world.tl))

    def test_database_refuses_a_consent_without_purpose(self, customer, now):
        consent = add_consent(**paper(customer, now, contact=make_contact(customer, now)))
        with pytest.raises(IntegrityError), transaction.atomic():
            Consent.objects.filter(pk=consent.pk).update(purposes=[])


class TestRevokeConsent:
    def test_ends_it_once(self, customer, now):
        consent = add_consent(**paper(customer, now, contact=make_contact(customer, now)))
        revoke_consent(consent=consent, actor=customer.owner, now=now)
        revoke_consent(consent=consent, actor=customer.owner, now=now)
        consent.refresh_from_db()
        assert consent.revoked_at == now
        assert ChangeRecord.objects.filter(field="consents", new="已撤销").count() == 1
