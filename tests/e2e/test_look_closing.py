import datetime as dt
from pathlib import Path
import pytest
from tests.applications.factories import Lender
from tests.funds.factories import Ledger, at, money
from tests.postloan.closing import *
from postloan.services.bad_records import write_record
from documents.services.printing import print_document
from documents.services.prints import fresh_print
from postloan.models import BadCustomerHandover

OUT = Path("/tmp/closing/shots")
OUT.mkdir(exist_ok=True, parents=True)


@pytest.fixture
def world(transactional_db, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"


def test_look(transactional_db, visit, now, world, live_server):
    from funds.services.defaults import ensure_settings

    ensure_settings()
    ledger = Ledger(Lender(now))
    p = ledger.lender.people
    day = ledger.day(20)
    other = ledger.lender.borrower(name="沈阳恒通贸易有限公司")
    loan = ledger.loan(customer=other)
    settle(ledger, loan, day)
    draft = begin_completion(ledger, loan, day)
    done_loan = ledger.loan(
        "800000.00", customer=ledger.lender.borrower(name="辽宁盛达建材有限公司")
    )
    settle(ledger, done_loan, day)
    done = completed(
        ledger, done_loan, day, evaluation="GOOD", renewal="YES", evaluation_note="还款及时"
    )
    bad = ledger.loan()
    late = overdue_day(bad, 91)
    count(late)
    from documents.services.documents import void_document

    v = BadCustomerHandover.objects.get()
    void_document(document_id=v.pk, actor=v.handler, now=at(late), reason="改为人工录入")
    hand = begin_handover(ledger, bad, late)
    submit(hand, late)
    from tests.postloan.closing import pass_all

    pass_all(hand, [p.tl, p.brm, p.bgm, p.hrm, p.ard], late)
    write_record(
        handover_id=hand.pk,
        kind="PLAN",
        done_on=late,
        content="先协商还款,三十日内未果则起诉并申请财产保全。",
        next_step_on=late + dt.timedelta(days=10),
        actor=p.ard,
        now=at(late),
    )
    write_record(
        handover_id=hand.pk,
        kind="RECOVERY",
        done_on=late,
        content="处置存货回款",
        amount=money(12000),
        next_step_on=late + dt.timedelta(days=12),
        actor=p.ard,
        now=at(late),
    )
    pro_loan = ledger.loan(
        "200000.00", customer=ledger.lender.borrower(name="鞍山远大机械有限公司")
    )
    count(late + dt.timedelta(days=1))
    prop = BadCustomerHandover.objects.get(wf_status="DRAFT")
    shots = [
        ("c_list", p.am, "/customer-completions/"),
        ("c_new", p.am, "/customer-completions/new/"),
        ("c_edit", p.am, f"/customer-completions/{draft.pk}/edit/"),
        ("c_done", p.am, f"/customer-completions/{done.pk}/"),
        ("b_list", p.ard, "/bad-customers/"),
        ("b_new", p.am, "/bad-customers/new/"),
        ("b_edit", p.am, f"/bad-customers/{prop.pk}/edit/"),
        ("b_prop", p.am, f"/bad-customers/{prop.pk}/"),
        ("b_page", p.ard, f"/bad-customers/{hand.pk}/"),
        ("cust", p.am, f"/customers/{hand.customer_id}/"),
    ]
    for name, who, url in shots:
        page = visit(who, url)
        page.wait_for_timeout(700)
        page.screenshot(path=OUT / f"{name}.png", full_page=True)
    page = visit(p.ard, f"/bad-customers/{hand.pk}/")
    page.wait_for_timeout(500)
    page.get_by_role("button", name="新增记录").click()
    page.wait_for_timeout(300)
    page.screenshot(path=OUT / "b_dialog.png")
    page = visit(p.am, f"/customer-completions/{draft.pk}/")
    page.wait_for_timeout(400)
    page.get_by_role("button", name="提交审批").click()
    page.wait_for_timeout(1200)
    page.screenshot(path=OUT / "c_submit.png")
    for name, who, url in (
        ("b_page_d", p.ard, f"/bad-customers/{hand.pk}/"),
        ("c_edit_d", p.am, f"/customer-completions/{draft.pk}/edit/"),
        ("b_list_d", p.ard, "/bad-customers/"),
    ):
        page = visit(who, url, width=390, color_scheme="dark")
        page.wait_for_timeout(700)
        page.screenshot(path=OUT / f"{name}.png", full_page=True)
    page = visit(p.am, f"/customer-completions/{done.pk}/", locale="en-US")
    page.wait_for_timeout(700)
    page.screenshot(path=OUT / "c_en.png", full_page=True)
    for doc, form, who in (
        (done, "settlement-certificate", p.am),
        (done, "completion-form", p.am),
        (hand, "handover-form", p.ard),
    ):
        doc = type(doc).objects.get(pk=doc.pk)
        rec = fresh_print(print_document(document=doc, form=form, actor=who, now=at(late)))
        data = rec.stream.read() if hasattr(rec, "stream") else rec[0].read()
        (OUT / f"{form}.pdf").write_bytes(data)
