"""新建 from the menu: what each desk offers to begin from, and under which headings."""

from __future__ import annotations

from decimal import Decimal
from html.parser import HTMLParser

from django.db import connection
from django.test.utils import CaptureQueriesContext

import pytest

from applications.models import BusinessApplication, LenderSetting
from documents.desk import all_desks
from documents.engine_door import engine_writes
from funds.desks.transfer import TRANSFER_DESK
from funds.rules.transfers import amount_refusals
from funds.selectors.payable import in_use, payable_of, with_money_left
from lending_crm.common.errors import DomainError
from tests.applications.factories import Lender
from tests.applications.test_intermediary import draft as arranged_business
from tests.funds.transfers import Desk
from tests.staff.factories import person


class _Table(HTMLParser):
    """The headings of the first table, and how many cells each row of its body has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.scopes: list[str] = []
        self.rows: list[int] = []
        self._in_head = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag in ("thead", "tbody"):
            self._in_head = tag == "thead"
        elif tag == "tr" and not self._in_head:
            self.rows.append(0)
        elif tag == "th" and self._in_head:
            self.scopes.append(dict(attrs).get("scope", ""))
        elif tag in ("td", "th") and self.rows:
            self.rows[-1] += 1


@pytest.fixture
def desk(db, now, time_machine):
    made = Desk(Lender(now))
    time_machine.move_to(now, tick=False)
    return made


def offered(desk) -> list[int]:
    """The reviews that the page of the choice shows the risk manager, by one statement."""
    origin = TRANSFER_DESK.about
    with CaptureQueriesContext(connection) as asked:
        rows = [row.pk for row in origin.offered(origin.candidates(desk.people.brm))]
    assert len(asked) <= 2, [query["sql"][:200] for query in asked]  # the roles, then the rows
    return rows


class TestWhatATransferIsBegunFrom:
    def test_ftr_03_not_a_review_whose_money_is_all_asked_for(self, desk, client):
        whole, part = desk.review("400000"), desk.review("300000")
        desk.submit(desk.draft(whole))
        desk.submit(desk.draft(part, principal=Decimal("299999.99")))
        assert offered(desk) == [part.pk]
        client.force_login(desk.people.brm)
        page = client.get("/fund-transfers/new/").content.decode()
        assert f"/fund-transfers/new/{part.pk}/" in page
        assert whole.doc_no not in page
        refused = client.get(f"/fund-transfers/new/{whole.pk}/")
        assert "FTR-03" in refused.content.decode()
        related = client.get(f"/contract-reviews/{whole.pk}/related/").content.decode()
        assert f"/fund-transfers/new/{whole.pk}/" not in related

    def test_ftr_03_the_api_refuses_what_the_page_does_not_offer(self, desk, client):
        whole = desk.review("400000")
        desk.submit(desk.draft(whole))
        client.force_login(desk.people.brm)
        sent = {"review": whole.pk, "principal": "0.01"}
        answer = client.post("/api/v1/fund-transfers/", sent, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (422, "FTR-03")

    def test_a_draft_claims_nothing_and_a_smaller_contract_bounds(self, desk):
        review = desk.review("400000", amount=Decimal("250000"))
        desk.draft(review)
        assert offered(desk) == [review.pk]
        desk.submit(desk.draft(review, principal=Decimal("250000")))
        assert offered(desk) == []

    def test_figure_and_rule_are_one(self, desk):
        review = desk.review("400000", amount=Decimal("250000"))
        desk.execute(desk.approved(review, principal=Decimal("100000")))
        desk.submit(desk.draft(review, principal=Decimal("50000")))
        business = BusinessApplication.objects.get(pk=review.application_id)
        left = with_money_left(BusinessApplication.objects.all()).get().left
        assert left == payable_of(business).amount - in_use(business) == Decimal("100000")
        assert not list(amount_refusals(business, left))
        refused = list(amount_refusals(business, left + Decimal("0.01")))
        assert [reason.code for reason in refused] == ["FTR-03"]

    def test_ftr_06_a_rebate_above_a_cap_that_fell_is_named_at_once(self, desk, client):
        review = desk.review("400000")
        with engine_writes():
            BusinessApplication.objects.update(rebate_ratio="1.5")
        LenderSetting.objects.update(rebate_cap="1.0")
        client.force_login(desk.people.brm)
        page = client.get("/fund-transfers/new/").content.decode()
        assert f"/fund-transfers/new/{review.pk}/" not in page
        assert "暂不能办理的原因" in page


class TestHeadings:
    def test_figures_stand_under_headings_that_say_so(self, desk, client):
        desk.review("400000")
        client.force_login(desk.people.brm)
        page = client.get("/fund-transfers/new/").content.decode()
        assert page.count('class="ui-num"') == 2  # the heading and the amount, not the number
        assert '<td class="ui-num">400,000.00</td>' in page

    def test_every_desk_names_its_columns(self):
        for each in all_desks():
            if each.origin is not None and each.name:
                assert each.origin.heads, each.path

    @pytest.mark.parametrize(
        ("language", "head"), [("zh-hans", "合同编号"), ("en", "Contract number")]
    )
    def test_the_table_has_a_heading_over_each_cell(self, desk, client, language, head):
        desk.review()
        client.force_login(desk.people.brm)
        page = client.get("/fund-transfers/new/", headers={"accept-language": language})
        table = _Table(page.content.decode())
        assert table.scopes == ["col"] * len(TRANSFER_DESK.about.heads)
        assert table.rows == [len(table.scopes)]
        assert head in page.content.decode()


class TestMed07:
    @pytest.fixture
    def arranged(self, desk):
        return arranged_business(desk.lender)

    def test_med_07_by_page_and_api(self, desk, arranged, client):
        client.force_login(desk.people.brm)
        page = client.get(f"/fund-transfers/new/{arranged.pk}/")
        assert page.status_code == 409
        assert "中介业务不产生本公司放款" in page.content.decode()
        sent = {"review": arranged.pk, "principal": "1000"}
        answer = client.post("/api/v1/fund-transfers/", sent, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (409, "MED-07")

    def test_med_07_by_the_service(self, desk, arranged):
        with pytest.raises(DomainError) as refused:
            desk.draft(arranged)
        assert refused.value.code == "MED-07"

    def test_n26_nobody_learns_of_another_branchs_business(self, desk, arranged, client):
        there = desk.people.other_am
        other = person("BRM", name="别处", branch=there.branch, department=there.department)
        client.force_login(other)
        assert client.get(f"/fund-transfers/new/{arranged.pk}/").status_code == 404
        sent = {"review": arranged.pk, "principal": "1000"}
        answer = client.post("/api/v1/fund-transfers/", sent, content_type="application/json")
        assert answer.json()["code"] != "MED-07"
