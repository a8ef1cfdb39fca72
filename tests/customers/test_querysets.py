"""Who sees which customers (N26), and how they are found by what is typed."""

from __future__ import annotations

import pytest

from customers.models import Contact, Customer, Opportunity
from customers.services.customers import set_business_state
from staff.models import RoleAssignment
from tests.customers.factories import (
    id_number,
    make_channel,
    make_contact,
    make_customer,
    make_opportunity,
    make_person,
)
from tests.staff.factories import role

pytestmark = pytest.mark.django_db


@pytest.fixture
def records(world, now):
    """A customer with contact and opportunity of each: the account manager, his colleague,
    a manager in another department of the branch, and another branch."""
    second = world.brm.department
    neighbour = type(world.am).objects.create(
        username="n", employee_no="N1", name="邻部", branch=world.branch, department=second
    )
    held = role("AM")
    RoleAssignment.objects.create(
        employee=neighbour, role=held, branch=world.branch, duty_line=held.duty_line
    )
    made = {}
    for key, owner in {
        "own": world.am,
        "department": world.colleague,
        "branch": neighbour,
        "other": world.other_am,
    }.items():
        customer = make_customer(owner, now, name=f"客户{key}")
        make_contact(customer, now)
        make_opportunity(customer, now)
        made[key] = customer
    return made


EVERYTHING = {"own", "department", "branch", "other"}


class TestVisibleTo:
    @pytest.mark.parametrize(
        ("who", "sees"),
        [
            ("am", {"own"}),
            ("colleague", {"department"}),
            ("tl", {"own", "department"}),
            ("brm", {"own", "department", "branch"}),
            ("bgm", {"own", "department", "branch"}),
            ("other_am", {"other"}),
            ("hrm", EVERYTHING),
            ("fin", EVERYTHING),
            ("ceo", EVERYTHING),
            ("plm", EVERYTHING),
            ("ard", set()),
            ("adm", set()),
            ("rc", set()),
        ],
    )
    def test_n26_each_role_sees_its_part(self, world, records, who, sees):
        user = getattr(world, who)
        expected = {f"客户{key}" for key in sees}
        assert set(Customer.objects.visible_to(user).values_list("name", flat=True)) == expected
        for model in (Contact, Opportunity):
            rows = model.objects.visible_to(user).values_list("customer__name", flat=True)
            assert set(rows) == expected

    def test_asset_recovery_sees_bad_customers(self, world, records, now):
        set_business_state(customer_id=records["other"].pk, now=now, biz_status="BAD")
        assert list(Customer.objects.visible_to(world.ard)) == [records["other"]]

    def test_an_inactive_person_sees_nothing(self, world, records):
        world.am.is_active = False
        assert not Customer.objects.visible_to(world.am).exists()

    def test_a_role_over_the_whole_company_reaches_over_it(self, world, records):
        world.brm.role_assignments.update(branch=None)
        assert Customer.objects.visible_to(world.brm).count() == 4

    def test_n26_search_never_leaves_the_branch(self, world, records):
        assert not Customer.objects.visible_to(world.am).search("客户other").exists()


class TestSearch:
    @pytest.fixture
    def found(self, world, now):
        self.customer = make_customer(world.am, now)
        make_customer(world.am, now, name="大连远洋")
        return lambda text: list(Customer.objects.search(text))

    @pytest.mark.parametrize(
        "text", ["北方", "汇银商贸", "bfhy", "BFHY", "beifanghuiyin", "KH-SY-20260302-001", "-001"]
    )
    def test_finds_by_name_number_and_pinyin_initials(self, found, text):
        assert found(text) == [self.customer]

    def test_finds_by_credit_code_and_phone(self, found):
        assert found(self.customer.uscc.lower()) == [self.customer]
        assert len(found("13800138000")) == 2

    def test_all_words_must_fit(self, found):
        assert found("北方 商贸") == [self.customer]
        assert found("北方 远洋") == []

    def test_takes_wildcards_and_quotes_literally(self, found):
        for text in ("%", "_", "'", "\\", '"', "<script>", "a" * 5000):
            assert found(text) == []

    def test_drops_nul(self, found):
        assert found("北\x00方") == [self.customer]

    def test_finds_a_person_only_by_the_whole_id_number(self, world, now):
        number = id_number()
        customer = make_person(world.am, now, id_no=number)
        assert list(Customer.objects.search(number.lower())) == [customer]
        assert not Customer.objects.search(number[:10]).exists()
        contact = make_contact(customer, now, id_no=number)
        assert list(Contact.objects.search(number)) == [contact]

    def test_finds_contacts_and_opportunities_by_their_customer(self, world, now):
        customer = make_customer(world.am, now)
        contact, opportunity = make_contact(customer, now), make_opportunity(customer, now)
        assert list(Contact.objects.search("bfhy")) == [contact]
        assert list(Contact.objects.search("zs")) == [contact]
        assert list(Contact.objects.search("13900139000")) == [contact]
        assert list(Opportunity.objects.search("jccg")) == [opportunity]
        assert list(Opportunity.objects.search("bfhy")) == [opportunity]


class TestChannelsFor:
    def test_a_branch_shares_its_channels(self, world, now):
        channel = make_channel(world.colleague, now)
        make_channel(world.other_am, now, phone="0411-22223333")
        assert list(Customer.objects.channels_for(world.am)) == [channel]
        assert Customer.objects.channels_for(world.hrm).count() == 2
        assert not Customer.objects.channels_for(world.adm).exists()
