"""关系图 and 关联风险提示: the selector, the geometry, the pages and the print-out."""

from __future__ import annotations

import math
import re
from datetime import datetime

from django.test import Client
from django.urls import reverse

import pytest

from customers.choices import HintKind, InfluenceStrength
from customers.models import Contact, Customer, InfluenceRelation
from customers.rules.graph import REACH, arrows, frame_of, place
from customers.selectors.graph import relation_graph
from customers.services.influence import create_relations
from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord
from tests.customers.factories import World, id_number, make_contact, make_customer, make_person

pytestmark = pytest.mark.django_db


def family(customer: Customer, now: datetime, **values) -> Contact:
    data = {
        "contact_type": "FAMILY", "family_relation": "SPOUSE", "name": "李梅",
        "mobile": "13900002222",
    }  # fmt: skip
    return make_contact(customer, now, **(data | values))


def influence(start: Contact, end: Contact, now: datetime, **values) -> InfluenceRelation:
    return InfluenceRelation.objects.create(
        from_contact=start, to_contact=end, created_by=start.customer.owner, created_at=now,
        **({"influence_type": "KINSHIP"} | values),
    )  # fmt: skip


@pytest.fixture
def boss(customer: Customer, now: datetime) -> Contact:
    return make_contact(customer, now)


@pytest.fixture
def elsewhere(world: World, now: datetime) -> Customer:
    """A customer of another branch."""
    return make_customer(
        world.other_am, now, name="大连海港物流有限公司", phone="0411-87654321", legal_rep="马六",
        reg_addr="大连市中山区1号", biz_addr="大连市中山区1号",
    )  # fmt: skip


def neighbour(world: World, now: datetime, **values) -> Customer:
    """Another customer of the same account manager."""
    data = {
        "name": "沈阳恒通机电有限公司", "phone": "024-23456789", "legal_rep": "赵七",
        "reg_addr": "沈阳市铁西区8号", "biz_addr": "沈阳市铁西区8号",
    }  # fmt: skip
    return make_customer(world.am, now, **(data | values))


class TestRelationGraph:
    def test_stands_the_main_contact_in_the_centre(
        self, world: World, customer: Customer, boss: Contact, now: datetime
    ) -> None:
        wife = family(customer, now)
        influence(wife, boss, now, strength=InfluenceStrength.STRONG)
        graph = relation_graph(world.am, customer)
        centre = next(node for node in graph.nodes if node.is_centre)
        assert (centre.name, centre.x, centre.y) == (boss.name, 0, 0)
        line = graph.lines[0]
        assert (line.source.name, line.target.name) == (wife.name, boss.name)
        assert line.strength == 3
        assert not line.is_dashed

    def test_may_stand_any_contact_in_the_centre(
        self, world: World, customer: Customer, boss: Contact, now: datetime
    ) -> None:
        wife = family(customer, now)
        graph = relation_graph(world.am, customer, centre=wife)
        assert next(node for node in graph.nodes if node.is_centre).name == wife.name

    def test_a_hint_of_the_company_hangs_on_its_borrower_whoever_stands_in_the_centre(
        self, world: World, customer: Customer, boss: Contact, now: datetime
    ) -> None:
        neighbour(world, now, controller="张三")
        graph = relation_graph(world.am, customer, centre=family(customer, now))
        (line,) = graph.lines
        assert (line.source.name, line.is_hint, line.is_dashed) == (boss.name, True, True)

    def test_filters_by_type_and_strength(
        self, world: World, customer: Customer, boss: Contact, now: datetime
    ) -> None:
        wife = family(customer, now)
        influence(wife, boss, now, strength=InfluenceStrength.WEAK)
        influence(boss, wife, now, influence_type="EQUITY", strength=InfluenceStrength.STRONG)
        assert len(relation_graph(world.am, customer).lines) == 2
        strong = relation_graph(world.am, customer, strength=InfluenceStrength.STRONG)
        assert [line.strength for line in strong.lines] == [3]
        assert len(relation_graph(world.am, customer, influence_type="KINSHIP").lines) == 1

    def test_draws_an_arrow_to_another_customer_dashed(
        self, world: World, customer: Customer, boss: Contact, now: datetime
    ) -> None:
        other = make_contact(neighbour(world, now), now, name="赵七", mobile="13900003333")
        influence(boss, other, now, influence_type="GUARANTEE")
        graph = relation_graph(world.am, customer)
        assert [line.is_dashed for line in graph.influences] == [True]
        assert [hint.kinds for hint in graph.hints.shown] == [(HintKind.GUARANTEE,)]

    def test_costs_five_statements(
        self, world: World, customer: Customer, boss: Contact, now: datetime,
        django_assert_max_num_queries,
    ) -> None:  # fmt: skip
        influence(family(customer, now), boss, now)
        with django_assert_max_num_queries(5):
            relation_graph(world.am, customer)


class TestRiskHints:
    @pytest.mark.parametrize(
        ("shared", "kind"),
        [
            ({"legal_rep": "张三"}, HintKind.SAME_LEGAL),
            ({"controller": "张三"}, HintKind.SAME_LEGAL),
            ({"phone": "13800138000"}, HintKind.SAME_PHONE),
            ({"biz_addr": "沈阳市和平区青年大街1号"}, HintKind.SAME_ADDRESS),
        ],
    )
    def test_tells_what_two_customers_share(
        self, world: World, customer: Customer, boss: Contact, now: datetime, shared, kind
    ) -> None:
        other = neighbour(world, now, **shared)
        hint = relation_graph(world.am, customer).hints.shown[0]
        assert (hint.other, hint.kinds) == (other, (kind,))

    def test_tells_the_same_person_and_telephone_of_contacts_once(
        self, world: World, customer: Customer, now: datetime
    ) -> None:
        number = id_number()
        mine = make_contact(customer, now, id_no=number, mobile="13900004444")
        twin = make_contact(neighbour(world, now), now, id_no=number, mobile="13900004444")
        hints = relation_graph(world.am, customer).hints
        assert [(hint.mine, hint.other) for hint in hints.shown] == [(mine, twin)]
        assert set(hints.shown[0].kinds) == {HintKind.SAME_PERSON, HintKind.SAME_PHONE}
        assert not hints.has_hidden

    def test_finds_a_contact_who_borrows_himself(
        self, world: World, customer: Customer, now: datetime
    ) -> None:
        number = id_number()
        make_contact(customer, now, id_no=number)
        person = make_person(world.am, now, id_no=number)
        assert relation_graph(world.am, customer).hints.shown[0].other == person

    def test_n26_of_another_branch_says_only_that_there_is_one(
        self, world: World, customer: Customer, boss: Contact, elsewhere: Customer, now: datetime
    ) -> None:
        stranger = make_contact(elsewhere, now, name="马六", mobile=boss.mobile)
        influence(stranger, boss, now)
        graph = relation_graph(world.am, customer)
        assert graph.hints.shown == []
        assert graph.hints.has_hidden
        assert graph.lines == []
        assert [node.name for node in graph.nodes] == [boss.name]
        everything = relation_graph(world.hrm, customer)
        assert everything.hints.shown[0].other_customer == elsewhere
        assert not everything.hints.has_hidden


class TestGeometry:
    def test_no_two_nodes_stand_on_each_other(self) -> None:
        inner = [f"p{n}" for n in range(14)]
        outer = [f"q{n}" for n in range(12)]
        places = place("m", inner, outer, [("p0", key) for key in outer])
        points = list(places.values())
        gaps = [math.dist(a, b) for i, a in enumerate(points) for b in points[:i]]
        assert min(gaps) > 2 * REACH

    def test_a_line_from_outside_to_the_centre_runs_through_nobody(self) -> None:
        places = place("m", ["p0", "p1", "p2", "p3"], ["q"], [("m", "q")])
        directions = {key: math.atan2(*places[key]) for key in ("p0", "p1", "p2", "p3")}
        assert all(abs(math.atan2(*places["q"]) - each) > 0.2 for each in directions.values())

    def test_arrows_there_and_back_do_not_cover_each_other(self) -> None:
        there, back = arrows([("a", "b"), ("b", "a")], {"a": (0.0, 0.0), "b": (200.0, 0.0)})
        assert there.label_y == -back.label_y != 0

    def test_an_empty_drawing_has_a_frame(self) -> None:
        assert frame_of({}).width > 0


class TestInfluenceRefusals:
    def test_inf_01_refuses_influence_on_oneself(
        self, world: World, boss: Contact, now: datetime
    ) -> None:
        with pytest.raises(DomainError) as refusal:
            create_relations(contact=boss, others=[boss], incoming=True, actor=world.am, now=now)
        assert refusal.value.code == "INF-01"

    def test_inf_02_refuses_the_same_relation_twice(
        self, world: World, customer: Customer, boss: Contact, now: datetime
    ) -> None:
        wife = family(customer, now)
        act = {"contact": boss, "others": [wife], "incoming": True, "actor": world.am, "now": now}
        create_relations(**act)
        create_relations(**(act | {"incoming": False, "influence_type": "KINSHIP"}))
        with pytest.raises(DomainError) as refusal:
            create_relations(**act)
        assert refusal.value.code == "INF-02"

    def test_inf_03_refuses_people_of_an_unrelated_customer(
        self, world: World, boss: Contact, now: datetime
    ) -> None:
        other = make_contact(neighbour(world, now), now, name="赵七", mobile="13900003333")
        with pytest.raises(DomainError) as refusal:
            create_relations(contact=boss, others=[other], incoming=True, actor=world.am, now=now)
        assert refusal.value.code == "INF-03"


class TestGraphPages:
    def test_pick_list_makes_arrows_with_defaults(
        self, client: Client, world: World, customer: Customer, boss: Contact, now: datetime
    ) -> None:
        wife = family(customer, now)
        client.force_login(world.am)
        client.post(
            reverse("customers:influence-pick", args=[boss.pk, "incoming"]),
            {"contact": [wife.pk], "influence_type": "KINSHIP", "strength": "2"},
        )
        made = InfluenceRelation.objects.get()
        assert (made.from_contact, made.to_contact) == (wife, boss)
        assert made.strength == InfluenceStrength.MEDIUM

    def test_shows_the_drawing_and_the_same_in_words(
        self, client: Client, world: World, customer: Customer, boss: Contact, now: datetime,
        django_assert_max_num_queries,
    ) -> None:  # fmt: skip
        wife = family(customer, now)
        influence(wife, boss, now)
        client.force_login(world.am)
        client.get("/search/")  # the first request of a session writes the session
        with django_assert_max_num_queries(10):
            page = client.get(reverse("customers:customer-graph", args=[customer.pk]))
        text = page.content.decode()
        assert f"&quot;id&quot;: &quot;p{boss.pk}&quot;" in text
        assert f'<a href="{wife.get_absolute_url()}">{wife.name}</a>' in text
        assert "style=" not in text

    def test_a_mistyped_filter_shows_everything(
        self, client: Client, world: World, customer: Customer, boss: Contact, now: datetime
    ) -> None:
        influence(family(customer, now), boss, now)
        client.force_login(world.am)
        url = reverse("customers:contact-graph", args=[boss.pk])
        page = client.get(url, {"strength": "often", "influence_type": "x"})
        assert len(page.context["graph"].lines) == 1

    def test_n26_keeps_the_graph_from_other_branches(
        self, client: Client, world: World, customer: Customer, boss: Contact
    ) -> None:
        client.force_login(world.other_am)
        for name, pk in (("customer", customer.pk), ("contact", boss.pk)):
            assert client.get(reverse(f"customers:{name}-graph", args=[pk])).status_code == 404
            url = reverse(f"customers:{name}-graph-print", args=[pk])
            assert client.post(url).status_code == 404

    def test_n26_says_whom_to_ask_and_no_name(
        self, client: Client, world: World, customer: Customer, boss: Contact, elsewhere: Customer,
        now: datetime,
    ) -> None:  # fmt: skip
        make_contact(elsewhere, now, name="马六", mobile=boss.mobile)
        client.force_login(world.am)
        client.cookies["django_language"] = "en"
        page = client.get(reverse("customers:customer-graph", args=[customer.pk])).content.decode()
        assert "outside your sight" in page
        assert "head-office risk control" in page
        assert elsewhere.name not in page
        assert "马六" not in page

    def test_prints_are_pdf_and_counted(
        self, client: Client, world: World, customer: Customer, boss: Contact, now: datetime
    ) -> None:
        influence(family(customer, now), boss, now)
        client.force_login(world.am)
        url = reverse("customers:customer-graph-print", args=[customer.pk])
        for _time in range(2):
            answer = client.post(url)
        assert answer.content.startswith(b"%PDF")
        assert answer["Content-Type"] == "application/pdf"
        notes = ChangeRecord.objects.filter(field="relation graphs").order_by("id")
        assert [re.sub(r"\D", "", note.new) for note in notes] == ["1", "2"]
