from __future__ import annotations

import io
import shutil
import subprocess
from datetime import timedelta
from decimal import Decimal

from django.test import Client
from django.urls import reverse
from django.utils import translation

import pytest
from PIL import Image, ImageDraw

from applications.choices import FORM
from applications.models import BusinessApplication, Product
from applications.printing import approval_form_context
from documents.files.storage import path_of
from documents.models import DownloadLog, PrintRecord
from documents.services.printing import print_document
from documents.services.prints import fresh_print
from lending_crm.common.errors import DomainError
from staff.services.signatures import keep_signature
from tests.applications.factories import fresh, line
from tests.riskcommittee.sitting import rise, sit
from tests.staff.factories import person
from workflows.models import Case, WorkItem
from workflows.services.decisions import approve, reject, return_case
from workflows.services.items import claim, take_back
from workflows.services.submission import submit_document

needs_pdftotext = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="poppler-utils are not installed"
)


class Way:
    """Sends an application through its chain, one hour an act."""

    def __init__(self, lender, application, now):
        self.lender, self.application, self.now = lender, application, now
        self.submit()

    def later(self):
        self.now += timedelta(hours=1)
        return self.now

    def submit(self):
        submit_document(
            kind="business_application",
            document_id=self.application.pk,
            actor=self.lender.am,
            now=self.later(),
        )

    def item(self, person):
        items = WorkItem.objects.filter(case__document=self.application, state="OPEN")
        return items.filter(assignee=person).first() or items.get(assignee=None)

    def act(self, service, person, opinion, **values):
        item = self.item(person)
        if item.assignee_id is None:
            claim(item_id=item.pk, actor=person, now=self.later())
        service(item_id=item.pk, actor=person, now=self.later(), opinion=opinion, **values)

    def form(self):
        return approval_form_context(fresh(self.application))

    def boxes(self):
        return {box.title: box for box in self.form()["opinions"]}


@pytest.fixture
def way(lender, now) -> Way:
    return Way(lender, lender.draft(remark="老客户"), now)


def text_of(pdf: bytes) -> str:
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()


def pdf_of(record: PrintRecord) -> bytes:
    return fresh_print(record).stream.read()


class TestApprovalFormContext:
    def test_shows_the_request_with_masked_numbers(self, lender, now):
        form = approval_form_context(lender.draft())

        assert form["customer"] == "北方汇银商贸有限公司"
        assert form["id_masked"].count("*") == 11
        assert lender.customer.uscc not in str(form)
        assert (form["amount"], form["amount_capital"]) == ("300,000.00", "叁拾万元整")
        assert form["lines"][0]["monthly_rate"] == "1.00%"
        assert form["department"] == "沈阳分公司 · 业务一部"
        assert form["applied_on"] == now.date()
        assert form["opinions"] == []
        assert form["approved"] is None
        assert len(form["attachments"]) == 9

    def test_prints_a_draft_that_is_nearly_empty(self, lender, now):
        draft = lender.draft(lines=[], guarantee_items=[], guarantee=[], purpose="")
        form = approval_form_context(draft)
        assert (form["lines"], form["all_in_rate"]) == ([], "")

    def test_has_a_blank_box_for_every_node_ahead(self, way):
        boxes = way.form()["opinions"]

        assert [box.title for box in boxes] == [
            "客户经理", "部门主管", "分公司风控经理", "分公司总经理",
        ]  # fmt: skip
        assert boxes[0].signed_by == "王客户"
        assert all(not box.entries for box in boxes[1:])

    def test_fills_boxes_from_the_history(self, way):
        people = way.lender.people
        way.act(approve, people.tl, "同意上报")
        way.act(approve, people.brm, "抵押足值", conditions=["配偶签字", "办妥抵押登记"])
        way.act(
            approve, people.bgm, "同意", terms={"approved_amount": "250000", "approved_term": 6}
        )

        form, boxes = way.form(), way.boxes()
        assert (boxes["部门主管"].signed_by, boxes["部门主管"].standing[0].opinion) == (
            "赵主管", "同意上报",
        )  # fmt: skip
        assert boxes["分公司风控经理"].standing[0].conditions == ["配偶签字", "办妥抵押登记"]
        assert {"label": "批准金额(元)", "value": "250,000.00"} in boxes["分公司总经理"].standing[
            0
        ].terms
        assert form["approved"]["amount_capital"] == "贰拾伍万元整"
        assert form["approved"]["conditions"] == ["配偶签字", "办妥抵押登记"]

    def test_marks_what_was_said_before_a_return_as_earlier(self, way):
        people = way.lender.people
        way.act(approve, people.tl, "同意上报")
        way.act(return_case, people.brm, "请补充流水", resumes_directly=False)
        assert way.boxes()["分公司风控经理"].standing[0].opinion == "请补充流水"
        way.submit()

        boxes = way.boxes()
        for title in ("部门主管", "分公司风控经理"):
            assert [entry.is_superseded for entry in boxes[title].entries] == [True]
            assert boxes[title].signed_by == ""
        way.act(approve, people.tl, "已补齐,同意")
        assert [entry.is_superseded for entry in way.boxes()["部门主管"].entries] == [True, False]
        assert way.boxes()["部门主管"].standing[0].round == 2

    def test_keeps_standing_opinions_when_the_case_comes_straight_back(self, way):
        people = way.lender.people
        way.act(approve, people.tl, "同意上报")
        way.act(return_case, people.brm, "请补充流水", resumes_directly=True)
        way.submit()

        boxes = way.boxes()
        assert boxes["部门主管"].standing[0].opinion == "同意上报"
        assert boxes["部门主管"].standing[0].outcome == "同意"
        assert boxes["分公司风控经理"].standing == []

    def test_marks_what_was_taken_back(self, way):
        item = way.item(way.lender.people.tl)
        way.act(approve, way.lender.people.tl, "同意上报")
        take_back(item_id=item.pk, actor=way.lender.people.tl, now=way.later())

        assert [entry.is_superseded for entry in way.boxes()["部门主管"].entries] == [True]

    def test_n17_a_renamed_product_does_not_change_the_form(self, way):
        before = way.form()["lines"]
        Product.objects.update(name="新名称")
        assert way.form()["lines"] == before

    def test_is_in_chinese_whoever_prints(self, way):
        with translation.override("en"):
            assert next(box.title for box in way.form()["opinions"]) == "客户经理"


class TestCommitteeBox:
    @pytest.fixture
    def committee(self, lender, now):
        hq = {"branch": lender.people.hrm.branch, "department": lender.people.hrm.department}
        members = [
            lender.people.rc,
            *(person("RC", name=f"委员{n}", **hq) for n in range(2, 5)),
            person("RCC", name="主任", **hq),
        ]
        application = lender.draft(
            lines=[line(lender.product, amount=Decimal("5000000.00"))], remark=""
        )
        way = Way(lender, application, now)
        for title in ("tl", "brm", "bgm", "hrm"):
            way.act(approve, getattr(lender.people, title), "同意上报")
        case = Case.objects.get(document_id=application.pk, document_kind="business_application")
        session = sit(case, chair=members[4], members=members[:4], now=way.later())
        return way, members, session

    def test_keeps_an_open_ballot_secret(self, committee):
        way, members, _session = committee
        way.act(approve, members[0], "经营良好")

        box = way.boxes()["风控委员会"]
        assert box.is_vote
        assert (box.entries, box.tally) == ([], "")

    def test_shows_votes_and_result_of_a_closed_one(self, committee):
        way, members, session = committee
        for member in members[:3]:
            way.act(approve, member, "经营良好")
        way.act(reject, members[3], "行业下行风险较大,不同意本次授信")
        way.act(approve, members[4], "同意")
        rise(session, now=way.later())

        box = way.boxes()["风控委员会"]
        assert [entry.signed_by for entry in box.entries][-1] == "主任"
        assert box.tally == "表决结果 4:1，应到 5 人，实到 5 人，通过"
        assert [entry.outcome for entry in box.entries] == ["同意"] * 3 + ["不同意", "同意"]
        assert box.signed_by == ""


class TestPrintApprovalForm:
    def print_it(self, application, actor, now, **values):
        return print_document(form=FORM, document=application, actor=actor, now=now, **values)

    def test_counts_and_names_the_file(self, lender, now):
        draft = lender.draft()
        first = self.print_it(draft, lender.am, now)
        second = self.print_it(draft, lender.am, now, reason="归档")

        assert pdf_of(first).startswith(b"%PDF")
        assert (first.number, second.number) == (1, 2)
        assert fresh_print(second).file_name == f"业务审批表_{draft.doc_no}.pdf"
        first_record, second_record = PrintRecord.objects.order_by("number")
        assert first_record.sha256 == second_record.sha256
        assert second_record.reason == "归档"

    @needs_pdftotext
    def test_prints_words_and_figures_under_a_watermark(self, way):
        printed = self.print_it(fresh(way.application), way.lender.am, way.now)
        text = text_of(pdf_of(printed))
        for expected in ("300,000.00", "叁拾万元整", "老客户", "采购钢材", "王客户", "第 1 次打印"):
            assert expected in text
        assert set("审批中") <= set(text)
        assert way.lender.customer.uscc not in text

    def test_another_content_has_another_hash(self, way):
        self.print_it(fresh(way.application), way.lender.am, way.now)
        way.act(approve, way.lender.people.tl, "同意上报")
        self.print_it(fresh(way.application), way.lender.am, way.now)
        assert len(set(PrintRecord.objects.values_list("sha256", flat=True))) == 2

    def test_does_not_count_what_could_not_be_printed(self, lender, now):
        draft = lender.draft(purpose_note="张\u0378")
        with pytest.raises(DomainError) as refused:
            self.print_it(draft, lender.am, now)
        assert refused.value.code == "PRT-01"
        assert not PrintRecord.objects.exists()


class TestPrintPage:
    def get(self, user, application: BusinessApplication):
        client = Client()
        if user:
            client.force_login(user)
        return client.get(reverse("applications:print", args=[application.pk]))

    def test_answers_with_the_pdf(self, lender):
        response = self.get(lender.am, lender.draft())
        assert response.status_code == 200
        assert response["Content-Type"] == "application/pdf"
        assert b"".join(response.streaming_content).startswith(b"%PDF")
        assert PrintRecord.objects.get().printed_by == lender.am

    def test_n26_is_a_404_for_another_branch(self, lender):
        assert self.get(lender.people.other_am, lender.draft()).status_code == 404
        assert not PrintRecord.objects.exists()

    def test_asks_for_a_login(self, lender):
        assert self.get(None, lender.draft()).status_code == 302


class TestListOfPrints:
    """Who printed what when, with the hash on the paper; an old paper stays as it was (N17)."""

    def browser(self, user) -> Client:
        client = Client(headers={"Accept-Language": "en"})
        client.force_login(user)
        return client

    def test_the_page_lists_them_with_the_old_papers(self, lender, way):
        record = f"/documents/{way.application.pk}/record/"
        assert 'id="prints"' not in self.browser(lender.am).get(record).content.decode()
        old = print_document(
            form=FORM, document=fresh(way.application), actor=lender.am, now=way.now, reason="归档"
        )
        before = pdf_of(old)
        way.act(approve, lender.people.tl, "同意上报")
        page = self.browser(lender.am).get(record).content.decode()
        assert old.sha256 in page and "归档" in page
        paper = self.browser(lender.people.tl).get(
            f"/documents/{way.application.pk}/prints/{old.pk}/"
        )
        assert b"".join(paper.streaming_content) == before
        assert DownloadLog.objects.filter(file=old.file).get().actor == lender.people.tl

    def test_n26_is_a_404_for_another_branch(self, lender, way):
        record = print_document(
            form=FORM, document=fresh(way.application), actor=lender.am, now=way.now
        )
        client = self.browser(lender.people.other_am)
        base = f"/api/v1/business-applications/{way.application.pk}/prints/"
        for path in (
            f"/documents/{way.application.pk}/prints/{record.pk}/",
            base,
            f"{base}{record.pk}/content/",
        ):
            assert client.get(path).status_code == 404
        assert client.post(base).status_code == 404

    def test_the_api_prints_lists_and_hands_out(self, lender, way):
        client = self.browser(lender.am)
        base = f"/api/v1/business-applications/{way.application.pk}/prints/"
        made = client.post(base, {"reason": "归档"}, content_type="application/json")
        assert made.status_code == 201
        told = made.json()
        assert (told["number"], told["reason"], len(told["sha256"])) == (1, "归档", 64)
        assert client.get(base).json() == [told]
        paper = client.get(f"{base}{told['id']}/content/")
        assert b"".join(paper.streaming_content).startswith(b"%PDF")

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [({"form": "nonsense"}, 404, "SYS-404"), ({"reason": "长" * 201}, 422, "PRT-03")],
    )
    def test_what_cannot_be_printed_is_not_counted(self, lender, way, body, status, code):
        base = f"/api/v1/business-applications/{way.application.pk}/prints/"
        refused = self.browser(lender.am).post(base, body, content_type="application/json")
        assert (refused.status_code, refused.json()["code"]) == (status, code)
        assert not PrintRecord.objects.exists()


@needs_pdftotext
class TestSignature:
    def test_stands_on_the_form(self, way):
        picture = Image.new("RGBA", (300, 100), (0, 0, 0, 0))
        ImageDraw.Draw(picture).line((10, 80, 290, 20), fill="navy", width=6)
        out = io.BytesIO()
        picture.save(out, "PNG")
        lead = way.lender.people.tl
        keep_signature(actor=lead, content=out.getvalue(), now=way.later())
        lead.refresh_from_db()
        way.act(approve, lead, "同意")

        boxes = [box for box in way.form()["opinions"] if box.signature]
        assert [box.signed_by for box in boxes] == [lead.name]
        record = print_document(
            form=FORM, document=fresh(way.application), actor=way.lender.am, now=way.later()
        )
        assert record.file is not None
        assert b"/Image" in path_of(record.file.sha256).read_bytes()
