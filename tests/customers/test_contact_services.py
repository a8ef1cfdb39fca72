"""M2 and M3: contacts (CON-01 … CON-08) and the arrows between them (INF-01 … INF-03)."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction

import pytest

from customers.choices import ContactType, Gender, InfluenceStrength, InfluenceType
from customers.models import Contact, InfluenceRelation
from customers.services.contacts import create_contact, delete_contact, update_contact
from customers.services.customers import create_customer, update_customer
from customers.services.groups import create_group
from customers.services.influence import create_relations, delete_relation, update_relation
from lending_crm.common.models import ChangeRecord
from tests.customers.factories import contact_data, id_number, make_contact, make_customer
from tests.customers.test_customer_services import refused

pytestmark = pytest.mark.django_db


def shareholder(share: str, **values) -> dict:
    return contact_data(
        contact_type=ContactType.SHAREHOLDER, capital="100", share_pct=share,
        capital_kind="CASH", **values,
    )  # fmt: skip


def family(relation: str = "SPOUSE", **values) -> dict:
    return contact_data(contact_type=ContactType.FAMILY, family_relation=relation, **values)


class TestCreateContact:
    def test_derives_gender_and_birth_date(self, customer, now):
        contact = make_contact(
            customer, now, id_no=id_number(date(1990, 2, 28), male=False).lower()
        )
        assert (contact.gender, contact.birth_date) == (Gender.FEMALE, date(1990, 2, 28))

    def test_logs_on_the_contact_and_on_the_customer(self, customer, now):
        contact = make_contact(customer, now)
        own = ChangeRecord.objects.filter(model="customers.contact", object_id=contact.pk)
        assert own.get(field="mobile").new == "139****9000"
        assert not own.filter(new=contact.id_no).exists()
        note = ChangeRecord.objects.get(model="customers.customer", field="contacts")
        assert "张三" in note.new

    def test_refuses_second_main_contact_con_01(self, customer, now):
        make_contact(customer, now)
        found = refused(make_contact, customer=customer, now=now)
        assert found["CON-01"].field == "contact_type"

    def test_database_refuses_second_main_contact_con_01(self, customer, now):
        make_contact(customer, now)
        other = create_contact(
            customer=customer, data=shareholder("10"), actor=customer.owner, now=now
        )
        with pytest.raises(IntegrityError), transaction.atomic():
            Contact.objects.filter(pk=other.pk).update(contact_type=ContactType.MAIN)

    def test_refuses_shares_above_100_con_02(self, customer, now):
        create_contact(customer=customer, data=shareholder("60"), actor=customer.owner, now=now)
        found = refused(
            create_contact,
            customer=customer, data=shareholder("40.0001"), actor=customer.owner, now=now,
        )  # fmt: skip
        assert "100.0001%" in found["CON-02"].message
        full = create_contact(
            customer=customer, data=shareholder("40"), actor=customer.owner, now=now
        )
        assert full.share_pct == Decimal(40)

    def test_database_refuses_shares_above_100_con_02(self, customer, now):
        for share in ("60", "40"):
            create_contact(
                customer=customer, data=shareholder(share), actor=customer.owner, now=now
            )
        with pytest.raises(IntegrityError), transaction.atomic():
            Contact.objects.update(share_pct=Decimal(70))

    def test_refuses_second_spouse_con_05(self, customer, now):
        create_contact(customer=customer, data=family(), actor=customer.owner, now=now)
        found = refused(
            create_contact, customer=customer, data=family(), actor=customer.owner, now=now
        )
        assert found["CON-05"].field == "family_relation"
        create_contact(customer=customer, data=family("CHILD"), actor=customer.owner, now=now)

    def test_refuses_same_person_twice_con_06(self, customer, now):
        number = id_number()
        create_contact(
            customer=customer, data=family("CHILD", id_no=number), actor=customer.owner, now=now
        )
        found = refused(
            create_contact,
            customer=customer, data=family("PARENT", id_no=number), actor=customer.owner,
            now=now,
        )  # fmt: skip
        assert found["CON-06"].field == "id_no"

    def test_refuses_share_above_100_con_08(self, customer, now):
        found = refused(
            create_contact,
            customer=customer, data=shareholder("100.5"), actor=customer.owner, now=now,
        )  # fmt: skip
        assert found["CON-08"].field == "share_pct"

    def test_refuses_wrong_numbers_cus_02_cus_04(self, customer, now):
        found = refused(
            make_contact, customer=customer, now=now, id_no="123", mobile="024-22223333",
            phone2="x",
        )  # fmt: skip
        assert found["CUS-02"].field == "id_no"
        assert "CUS-04" in found

    def test_takes_a_passport_as_it_is(self, customer, now):
        contact = make_contact(customer, now, id_type="PASSPORT", id_no="e1234567")
        assert (contact.id_no, contact.gender) == ("E1234567", "")

    def test_asks_family_for_the_relation_cus_17(self, customer, now):
        found = refused(
            create_contact,
            customer=customer, data=family(""), actor=customer.owner, now=now,
        )  # fmt: skip
        assert found["CUS-17"].field == "family_relation"

    def test_refuses_unknown_type(self, customer, now):
        assert "CUS-27" in refused(make_contact, customer=customer, now=now, contact_type="BOSS")

    def test_refuses_others_cus_11(self, customer, now, world):
        for actor in (world.colleague, world.tl, world.hrm):
            assert "CUS-11" in refused(
                create_contact, customer=customer, data=contact_data(), actor=actor, now=now
            )

    def test_answers_a_double_click_with_one_contact(self, customer, now):
        key = uuid.uuid4()
        made = {
            create_contact(
                customer=customer, data=family("CHILD", id_no=""), actor=customer.owner,
                now=now, creation_key=key,
            ).pk
            for _click in range(2)
        }  # fmt: skip
        assert len(made) == 1

    def test_refuses_years_beyond_the_column(self, customer, now):
        data = contact_data(contact_type=ContactType.MANAGER, years=10**12)
        found = refused(create_contact, customer=customer, data=data, actor=customer.owner, now=now)
        assert found["CUS-29"].field == "years"


class TestUpdateContact:
    def test_clears_fields_of_the_former_type(self, customer, now):
        contact = create_contact(
            customer=customer, data=shareholder("60"), actor=customer.owner, now=now
        )
        updated = update_contact(
            contact=contact, data={"contact_type": ContactType.MAIN}, version=1,
            actor=customer.owner, now=now,
        )  # fmt: skip
        assert (updated.share_pct, updated.capital_kind) == (None, "")

    def test_keeps_masked_numbers(self, customer, now):
        contact = make_contact(customer, now)
        updated = update_contact(
            contact=contact,
            data={"id_no": contact.masked_id_no, "mobile": contact.masked_mobile},
            version=1, actor=customer.owner, now=now,
        )  # fmt: skip
        assert (updated.id_no, updated.mobile) == (contact.id_no, contact.mobile)

    def test_refuses_stale_form_wf_12(self, customer, now):
        contact = make_contact(customer, now)
        assert "WF-12" in refused(
            update_contact,
            contact=contact, data={}, version=7, actor=customer.owner, now=now,
        )  # fmt: skip

    def test_locks_the_borrower_under_approval_cus_10(self, customer, now, open_document):
        contact = make_contact(customer, now)
        found = refused(
            update_contact,
            contact=contact, data={"name": "赵六"}, version=1, actor=customer.owner, now=now,
        )  # fmt: skip
        assert found["CUS-10"].field == "name"
        update_contact(
            contact=contact, data={"wechat": "zs"}, version=1, actor=customer.owner, now=now
        )


class TestDeleteContact:
    def test_removes_it_and_keeps_the_name_in_the_log(self, customer, now):
        contact = make_contact(customer, now)
        delete_contact(contact=contact, actor=customer.owner, now=now)
        assert not Contact.objects.exists()
        note = ChangeRecord.objects.filter(field="contacts").latest("id")
        assert "张三" in note.old and note.new == ""

    def test_keeps_the_borrower_of_a_running_case_cus_10(self, customer, now, open_document):
        contact = make_contact(customer, now)
        assert "CUS-10" in refused(delete_contact, contact=contact, actor=customer.owner, now=now)

    def test_refuses_when_documents_refer_to_it_con_07(self, customer, now, monkeypatch):
        from django.db.models import ProtectedError

        def protected(self):
            raise ProtectedError("used", {self})

        contact = make_contact(customer, now)
        monkeypatch.setattr(Contact, "delete", protected)
        assert "CON-07" in refused(delete_contact, contact=contact, actor=customer.owner, now=now)


@pytest.fixture
def pair(customer, now) -> tuple[Contact, Contact]:
    main = make_contact(customer, now)
    spouse = create_contact(
        customer=customer, data=family(name="李梅"), actor=customer.owner, now=now
    )
    return main, spouse


class TestCreateRelations:
    def test_draws_incoming_and_outgoing_arrows_with_defaults(self, pair, now, world):
        main, spouse = pair
        (incoming,) = create_relations(
            contact=main, others=[spouse], incoming=True, actor=world.am, now=now
        )
        assert (incoming.from_contact, incoming.to_contact) == (spouse, main)
        assert incoming.influence_type == InfluenceType.KINSHIP
        assert incoming.strength == InfluenceStrength.MEDIUM
        (outgoing,) = create_relations(
            contact=main, others=[spouse], incoming=False, actor=world.am, now=now
        )
        assert outgoing.influence_type == InfluenceType.EMPLOYMENT
        assert (outgoing.from_contact, outgoing.to_contact) == (main, spouse)

    def test_refuses_himself_inf_01(self, pair, now, world):
        found = refused(
            create_relations,
            contact=pair[0], others=[pair[0]], incoming=True, actor=world.am, now=now,
        )  # fmt: skip
        assert found["INF-01"].field == "contact"

    def test_database_refuses_himself_inf_01(self, pair, now, world):
        with pytest.raises(IntegrityError), transaction.atomic():
            InfluenceRelation.objects.create(
                from_contact=pair[0], to_contact=pair[0], influence_type="KINSHIP",
                created_by=world.am, created_at=now,
            )  # fmt: skip

    def test_refuses_the_same_arrow_twice_inf_02(self, pair, now, world):
        arrow = {
            "contact": pair[0], "others": [pair[1]], "incoming": True, "actor": world.am,
            "now": now,
        }  # fmt: skip
        create_relations(**arrow)
        assert "INF-02" in refused(create_relations, **arrow)
        create_relations(**arrow, influence_type=InfluenceType.EQUITY)

    def test_refuses_strangers_inf_03(self, pair, now, world):
        stranger = make_contact(make_customer(world.am, now), now)
        assert "INF-03" in refused(
            create_relations,
            contact=pair[0], others=[pair[1], stranger], incoming=True, actor=world.am, now=now,
        )  # fmt: skip
        assert not InfluenceRelation.objects.exists()

    def test_takes_contacts_of_a_related_company(self, pair, customer, now, world):
        supplier = create_customer(
            customer_type="UPDOWN",
            data={
                "name": "供应商", "phone": "13800138001", "source": "SELF",
                "relation_kind": "SUPPLIER", "principal_customer": customer,
            },
            actor=world.am, now=now,
        )  # fmt: skip
        other = make_contact(supplier, now)
        assert create_relations(
            contact=pair[0], others=[other], incoming=False, actor=world.am, now=now
        )

    def test_takes_contacts_of_the_group_but_not_of_another_branch_inf_03(
        self, pair, customer, now, world
    ):
        group = create_group(name="汇银集团", actor=world.am, now=now)
        update_customer(
            customer=customer, data={"group": group}, version=1, actor=world.am, now=now
        )
        mine = make_contact(make_customer(world.am, now, group=group), now)
        theirs = make_contact(make_customer(world.other_am, now, group=group), now)
        assert create_relations(
            contact=pair[0], others=[mine], incoming=True, actor=world.am, now=now
        )
        assert "INF-03" in refused(
            create_relations,
            contact=pair[0], others=[theirs], incoming=True, actor=world.am, now=now,
        )  # fmt: skip


class TestUpdateRelation:
    def test_changes_type_and_strength_and_logs(self, pair, now, world):
        (relation,) = create_relations(
            contact=pair[0], others=[pair[1]], incoming=True, actor=world.am, now=now
        )
        update_relation(
            relation=relation, influence_type="GUARANTEE", strength=3, note="保证人",
            version=1, actor=world.am, now=now,
        )  # fmt: skip
        relation.refresh_from_db()
        assert (relation.influence_type, relation.strength) == ("GUARANTEE", 3)
        assert ChangeRecord.objects.filter(model="customers.influencerelation").count() == 3

    def test_refuses_strength_out_of_range(self, pair, now, world):
        (relation,) = create_relations(
            contact=pair[0], others=[pair[1]], incoming=True, actor=world.am, now=now
        )
        found = refused(
            update_relation,
            relation=relation, influence_type="GUARANTEE", strength=9, note="", version=1,
            actor=world.am, now=now,
        )  # fmt: skip
        assert found["CUS-27"].field == "strength"

    def test_removes_it_and_notes_it(self, pair, now, world):
        (relation,) = create_relations(
            contact=pair[0], others=[pair[1]], incoming=True, actor=world.am, now=now
        )
        delete_relation(relation=relation, actor=world.am, now=now)
        assert not InfluenceRelation.objects.exists()
        assert ChangeRecord.objects.filter(field="influences").latest("id").old == "李梅 → 张三"
