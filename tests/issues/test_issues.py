"""问题升级 (X3): five levels, the reporter's word, the report in eight parts."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.urls import reverse

import pytest

from customers.models import Customer
from documents.kinds import routed_kind
from documents.services.drafts import update_draft
from documents.services.printing import print_document
from issues.choices import IssueStatus, Level, StepKind
from issues.kinds import FORM, KIND_CODE
from issues.models import IssueEscalation, IssueReport, IssueStep
from issues.selectors import has_issues
from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord
from staff.models import Employee
from tests.applications.factories import Lender
from tests.applications.test_races import codes as race_codes
from tests.applications.test_races import together
from tests.customers.factories import make_customer
from tests.funds.factories import Ledger
from tests.issues.factories import Issues
from workflows.models import Stage, Timer, WorkItem
from workflows.pools import pool_holders
from workflows.services.decisions import approve, reject, return_case
from workflows.services.signers import add_signers
from workflows.services.submission import withdraw_case


@pytest.fixture
def clock(time_machine, now):
    time_machine.move_to(now, tick=False)


def refused(act) -> list[str]:
    with pytest.raises(DomainError) as error:
        act()
    return [reason.code for reason in error.value.reasons]


def open_item(issue: IssueEscalation) -> WorkItem:
    return WorkItem.objects.get(case__document=issue.document_ptr, state="OPEN")


def asked(issue: IssueEscalation) -> set[str]:
    """Who may answer the open step, by name or out of its pool."""
    item = open_item(issue)
    people = (
        [item.assignee] if item.assignee else Employee.objects.filter(pk__in=pool_holders(item))
    )
    return {person.name for person in people}


class TestFiling:
    def test_a_number_and_the_first_level(self, issues):
        issue = issues.draft()
        assert issue.doc_no.startswith("WT-")
        assert (issue.level, issue.biz_status) == (Level.OWNER, IssueStatus.OPEN)

    def test_a_serious_one_begins_with_the_department_head(self, issues):
        issue = issues.reported(severity="SERIOUS")
        assert issue.level == Level.DEPARTMENT
        assert asked(issue) == {issues.world.tl.name}

    def test_doc_05_administrators_file_nothing(self, issues):
        assert refused(lambda: issues.draft(actor=issues.world.adm)) == ["DOC-05"]

    def test_iss_01_who_files_is_not_in_charge(self, issues):
        assert refused(lambda: issues.draft(owner=issues.world.am)) == ["ISS-01"]

    def test_iss_02_numbers_name_what_the_handler_sees(self, issues):
        assert refused(lambda: issues.draft(loan_no="JJ-没有")) == ["ISS-02"]
        theirs = issues.draft(actor=issues.world.other_am, owner=None)
        assert refused(lambda: issues.draft(about_no=theirs.doc_no)) == ["ISS-02"]
        mine = issues.draft()
        assert issues.draft(about_no=mine.doc_no).about == mine.document_ptr
        itself = {"about_no": mine.doc_no}
        act = {"kind": routed_kind(KIND_CODE), "document_id": mine.pk, "now": issues.now}
        codes = refused(lambda: update_draft(actor=issues.world.am, values=itself, **act))
        assert codes == ["ISS-02"]

    def test_a_loan_names_its_customer_iss_11_and_no_other(self, db, now):
        lender = Lender(now)
        loan, issues = Ledger(lender).loan(), Issues(now, lender.people)
        issue = issues.draft(loan_no=loan.loan_no)
        assert (issue.loan, issue.customer) == (loan, loan.customer)
        other = issues.customer(name="另一家客户有限公司")
        assert refused(lambda: issues.draft(loan_no=loan.loan_no, customer=other)) == ["ISS-11"]

    def test_iss_10_not_of_tomorrow(self, issues):
        tomorrow = issues.now.date() + timedelta(days=1)
        assert refused(lambda: issues.reported(reported_on=tomorrow)) == ["ISS-10"]

    def test_wf_08_somebody_is_in_charge(self, issues):
        assert "WF-08" in refused(lambda: issues.reported(owner=None))

    def test_cus_05_the_customer_stays(self, issues):
        customer = issues.customer()
        assert not has_issues(customer.pk)
        issues.draft(customer=customer)
        assert has_issues(customer.pk)


class TestLevels:
    def test_the_person_in_charge_has_a_working_day(self, issues):
        issue = issues.reported()
        assert asked(issue) == {issues.world.colleague.name}
        assert open_item(issue).due_at == issues.now + timedelta(days=1)
        percents = Timer.objects.filter(stage__process=issue.case).values_list("percent", flat=True)
        assert {80, 100, 200} <= set(percents)

    def test_each_level_hands_up_to_the_next(self, issues):
        issue = issues.reported()
        world = issues.world
        ladder = (world.colleague, world.tl, world.bgm, world.ceo)
        for hours, who in enumerate(ladder):
            assert asked(issue) == {who.name}
            issue = issues.escalate(issue, who, hours=hours)
        assert issue.level == Level.EXTERNAL
        issues.report(issue, world.hrm)
        issues.answer(issue, world.hrm, hours=5)
        assert issues.stored(issue).biz_status == IssueStatus.ANSWERED
        steps = list(issue.steps.values_list("kind", "level", "reason"))
        assert steps[0] == ("ESCALATE", 1, "INEFFECTIVE")
        assert steps[-1] == ("ANSWER", 5, "")

    def test_iss_06_above_the_highest_is_nobody(self, issues):
        issue = issues.up_to(5)
        assert refused(lambda: issues.escalate(issue, issues.world.hrm, hours=6)) == ["ISS-06"]

    def test_iss_12_a_reason_of_the_list(self, issues):
        issue = issues.reported()
        codes = refused(lambda: issues.escalate(issue, issues.world.colleague, reason="累了"))
        assert codes == ["ISS-12"]
        with pytest.raises(IntegrityError), transaction.atomic():
            IssueStep.objects.create(
                issue=issue, kind=StepKind.ESCALATE, level=1, text="无原因升级", by=issue.handler,
                at=issues.now,
            )  # fmt: skip

    def test_wf_07_the_record_has_words(self, issues):
        issue = issues.reported()
        assert refused(lambda: issues.answer(issue, issues.world.colleague, "好")) == ["WF-07"]
        act = {"text": "难"}
        assert refused(lambda: issues.escalate(issue, issues.world.colleague, **act)) == ["WF-07"]

    def test_iss_09_only_in_whose_hands_it_is(self, issues):
        issue = issues.reported()
        for stranger in (issues.world.tl, issues.world.am, issues.world.other_am):
            assert refused(lambda who=stranger: issues.answer(issue, who)) == ["ISS-09"]
        issues.answer(issue, issues.world.colleague)
        assert refused(lambda: issues.answer(issue, issues.world.colleague)) == ["ISS-09"]

    def test_iss_05_the_engines_own_buttons_carry_no_record(self, issues):
        issue = issues.reported()
        act = {"item_id": open_item(issue).pk, "actor": issues.world.colleague, "now": issues.now}
        assert refused(lambda: approve(opinion="同意", **act)) == ["ISS-05"]
        assert refused(lambda: return_case(opinion="请补充材料", **act)) == ["ISS-05"]
        assert refused(lambda: reject(opinion="不予受理该项投诉请求", **act)) == ["WF-18"]
        assert not IssueStep.objects.exists()

    def test_other_departments_are_asked_first(self, issues):
        issue = issues.up_to(3)
        world = issues.world
        now = issues.now + timedelta(hours=3)
        add_signers(
            item_id=open_item(issue).pk, actor=world.bgm, now=now, people=[world.brm],
            position="BEFORE", reason="跨部门会议",
        )  # fmt: skip
        assert refused(lambda: issues.escalate(issue, world.bgm, hours=4)) == ["ISS-09"]
        assert refused(lambda: issues.escalate(issue, world.brm, hours=4)) == ["ISS-09"]
        asked = WorkItem.objects.get(case=issue.case, state="OPEN", assignee=world.brm)
        act = {"item_id": asked.pk, "actor": world.brm, "now": now}
        assert refused(lambda: return_case(opinion="退回给报告人", **act)) == ["ISS-05"]
        approve(opinion="风控部意见:可以先行赔付", **act)
        assert issues.escalate(issue, world.bgm, hours=4).level == Level.HEAD_OFFICE


class TestReporter:
    def test_closes_with_his_word(self, issues):
        issue = issues.reported()
        issue = issues.answer(issue, issues.world.colleague, hours=1)
        assert (issue.wf_status, issue.biz_status) == ("RETURNED", "ANSWERED")
        issue = issues.confirm(issue, hours=2)
        assert (issue.wf_status, issue.biz_status) == ("APPROVED", "CLOSED")
        assert issue.closed_at == issues.now + timedelta(hours=2)
        assert [step.kind for step in issue.steps.all()] == ["ANSWER", "CONFIRM"]
        # Nobody was asked again: the reporter's word alone ended it.
        assert not WorkItem.objects.filter(case=issue.case, state="OPEN").exists()

    def test_iss_03_a_resubmission_says_what_he_thinks(self, issues):
        issue = issues.answer(issues.reported(), issues.world.colleague)
        assert refused(lambda: issues.submit(issue)) == ["ISS-03"]

    def test_what_he_refuses_goes_up(self, issues):
        issue = issues.answer(issues.reported(), issues.world.colleague, hours=1)
        issue = issues.refuse(issue, hours=2)
        assert (issue.level, issue.biz_status) == (Level.DEPARTMENT, "HANDLING")
        assert asked(issue) == {issues.world.tl.name}
        issue = issues.answer(issue, issues.world.tl, hours=3)
        assert issue.confirmation == ""
        issue = issues.confirm(issue, hours=4)
        assert issue.biz_status == "CLOSED"

    def test_at_the_highest_level_it_is_dealt_with_once_more(self, issues):
        issue = issues.up_to(5)
        issues.report(issue, issues.world.hrm)
        issue = issues.answer(issue, issues.world.hrm, hours=6)
        issue = issues.refuse(issue, hours=7)
        assert issue.level == Level.EXTERNAL
        assert issues.answer(issue, issues.world.hrm, hours=8).biz_status == "ANSWERED"

    def test_wf_29_the_handler_speaks_for_him(self, issues):
        issue = issues.answer(issues.reported(), issues.world.colleague)
        for stranger in (issues.world.colleague, issues.world.tl):
            assert refused(lambda who=stranger: issues.confirm(issue, who)) == ["WF-29"]
            assert refused(lambda who=stranger: issues.refuse(issue, who=who)) == ["WF-29"]

    def test_wf_05_there_is_an_answer_to_speak_to(self, issues):
        issue = issues.reported()
        assert refused(lambda: issues.confirm(issue)) == ["WF-05"]
        issue = issues.confirm(issues.answer(issue, issues.world.colleague))
        assert refused(lambda: issues.refuse(issue)) == ["WF-05"]

    def test_iss_04_nothing_closes_without_it(self, issues):
        issue = issues.answer(issues.reported(), issues.world.colleague)
        with pytest.raises(DomainError, match="ISS-04"):
            routed_kind(KIND_CODE).conclude(
                issue, "APPROVED", case=issue.case, decisions=(), conditions=(), now=issues.now
            )
        with pytest.raises(IntegrityError), transaction.atomic():
            IssueEscalation.objects.filter(pk=issue.pk).update(
                biz_status="CLOSED", closed_at=issues.now
            )

    def test_the_records_stay(self, issues):
        issues.answer(issues.reported(), issues.world.colleague)
        with pytest.raises(Exception, match="append_only"), transaction.atomic():
            IssueStep.objects.update(text="改")

    def test_withdrawn_it_waits_for_nobody_and_comes_back_where_it_was(self, issues):
        issue = issues.refuse(issues.answer(issues.reported(), issues.world.colleague))
        withdraw_case(
            case_id=issue.case_id, actor=issue.handler, now=issues.now, reason="补充证据后再报"
        )
        issue = issues.stored(issue)
        assert (issue.biz_status, issue.confirmation) == ("OPEN", "")
        issues.submit(issue)
        assert asked(issue) == {issues.world.tl.name}


class TestOverdue:
    def test_iss_07_within_the_time_nobody_is_passed_over(self, issues):
        issue = issues.reported()
        assert refused(lambda: issues.overdue(issue, hours=23)) == ["ISS-07"]

    def test_after_it_the_handler_hands_it_up(self, issues):
        issue = issues.overdue(issues.reported(), hours=25)
        assert issue.level == Level.DEPARTMENT
        assert asked(issue) == {issues.world.tl.name}
        step = issue.steps.get()
        assert (step.kind, step.level, step.reason) == ("OVERDUE", 1, "NO_ANSWER")

    def test_wf_29_and_iss_06(self, issues):
        issue = issues.reported()
        late = {"hours": 25}
        assert refused(lambda: issues.overdue(issue, issues.world.tl, **late)) == ["WF-29"]
        highest = issues.up_to(5)
        assert refused(lambda: issues.overdue(highest, hours=100)) == ["ISS-06"]

    def test_n16_time_alone_moves_nothing(self, issues):
        issue = issues.reported()
        assert issues.stored(issue).level == Level.OWNER
        assert Stage.objects.get(process=issue.case, outcome="", node_id="level_1").is_open


class TestReport:
    def test_iss_08_from_level_3_on_it_comes_first(self, issues):
        issue = issues.up_to(3)
        with pytest.raises(DomainError) as error:
            issues.answer(issue, issues.world.bgm, hours=3)
        assert error.value.code == "ISS-08"
        assert "D4 根本原因" in error.value.message
        issues.report(issue, issues.world.bgm, summary="")
        assert issues.answer(issue, issues.world.bgm, hours=4).biz_status == "ANSWERED"

    def test_is_written_part_by_part_and_logged(self, issues):
        issue = issues.reported()
        report = issues.report(issue, issues.world.colleague, root_cause="流程缺失")
        assert report.version == 1
        changed = issues.report(issue, issues.world.colleague, root_cause="人手不足", version=1)
        assert (changed.version, changed.root_cause) == (2, "人手不足")
        assert ChangeRecord.objects.filter(
            field="root_cause", field_label="D4 根本原因", new="人手不足"
        ).exists()
        stale = {"version": 1}
        codes = refused(lambda: issues.report(issue, issues.world.colleague, **stale))
        assert codes == ["WF-12"]
        long = {"root_cause": "长" * 1001, "version": 2}
        codes = refused(lambda: issues.report(issue, issues.world.colleague, **long))
        assert codes == ["WF-27"]

    def test_iss_09_by_whose_hands_it_is_in(self, issues):
        issue = issues.reported()
        for stranger in (issues.world.tl, issues.world.am):
            assert refused(lambda who=stranger: issues.report(issue, who)) == ["ISS-09"]

    def test_stays_with_the_closed_issue(self, issues):
        issue = issues.reported()
        issues.report(issue, issues.world.colleague)
        issues.confirm(issues.answer(issue, issues.world.colleague))
        with pytest.raises(IntegrityError), transaction.atomic():
            IssueReport.objects.update(summary="改")


class TestPages:
    @pytest.fixture(autouse=True)
    def _now(self, clock):
        """Pages ask the clock."""

    def test_files_answers_and_closes(self, issues, client, django_assert_max_num_queries):
        world = issues.world
        customer = issues.customer()
        client.force_login(world.am)
        new = reverse("issues:issue_new_from", args=[0])
        page = client.get(f"{new}?customer={customer.pk}").content.decode()
        assert f'<option value="{customer.pk}" selected' in page
        data = {
            "issue_kind": "RISK", "severity": "NORMAL", "reporter": "张三", "view": "1",
            "reported_on": "2026-03-02", "description": "抵押物被查封", "owner": world.colleague.pk,
            "customer": customer.pk, "creation_key": "6e3a3c6e-3f0b-4a53-9f4e-0f6ad8a2b3c4",
        }  # fmt: skip
        made = client.post(new, data)
        issue = IssueEscalation.objects.get()
        assert made.url == issue.get_absolute_url()
        issues.submit(issue)
        client.force_login(world.colleague)
        page = client.get(issue.get_absolute_url()).content.decode()
        assert "answer-dialog" in page
        assert "请在问题升级单页面答复或升级" in page  # where 同意 and 退回 would be
        empty = client.post(reverse("issues:answer", args=[issue.pk]), {"answer-text": "好"})
        assert empty.status_code == 422
        assert "不少于 5 个字" in empty.content.decode()
        done = {"answer-text": "已向法院提出异议"}
        assert client.post(reverse("issues:answer", args=[issue.pk]), done).status_code == 302
        client.force_login(world.am)
        page = client.get(issue.get_absolute_url()).content.decode()
        assert "已向法院提出异议" in page
        assert page.count('id="confirm-dialog"') == 1  # the frame's own dialog has another name
        said = {"confirm-text": "报告人书面确认"}
        assert client.post(reverse("issues:confirm", args=[issue.pk]), said).status_code == 302
        assert issues.stored(issue).biz_status == "CLOSED"
        with django_assert_max_num_queries(10):
            listed = client.get(reverse("issues:issue_list")).content.decode()
        assert issue.doc_no in listed

    def test_hands_up_and_refuses(self, issues, client):
        issue = issues.reported()
        client.force_login(issues.world.colleague)
        up = {"escalate-reason": "SERIOUS", "escalate-text": "涉及监管投诉"}
        assert client.post(reverse("issues:escalate", args=[issue.pk]), up).status_code == 302
        client.force_login(issues.world.tl)
        client.post(reverse("issues:answer", args=[issue.pk]), {"answer-text": "已向客户道歉"})
        client.force_login(issues.world.am)
        no = {"refuse-reason": "DISAGREEMENT", "refuse-text": "客户不接受道歉"}
        assert client.post(reverse("issues:refuse", args=[issue.pk]), no).status_code == 302
        assert issues.stored(issue).level == Level.BRANCH

    def test_hands_up_what_nobody_answered(self, issues, client, time_machine):
        issue = issues.reported()
        client.force_login(issues.world.am)
        url = reverse("issues:overdue", args=[issue.pk])
        early = client.post(url, {"overdue-text": "一直没有答复"})
        assert early.status_code == 409
        assert "尚未超过答复期限" in early.content.decode()
        time_machine.move_to(issues.now + timedelta(hours=25), tick=False)
        client.force_login(issues.world.am)
        assert "未按期回复,升级" in client.get(issue.get_absolute_url()).content.decode()
        assert client.post(url, {"overdue-text": "一直没有答复"}).status_code == 302

    def test_writes_the_report(self, issues, client):
        issue = issues.reported()
        url = reverse("issues:report", args=[issue.pk])
        client.force_login(issues.world.colleague)
        assert "D8 总结" in client.get(url).content.decode()
        assert client.post(url, {"team": "王客户、赵主管"}).status_code == 302
        assert "王客户、赵主管" in client.get(issue.get_absolute_url()).content.decode()
        client.force_login(issues.world.am)
        assert client.get(url).status_code == 403

    def test_stands_on_the_customers_page(self, issues, client):
        customer = issues.customer()
        issue = issues.draft(customer=customer)
        client.force_login(issues.world.am)
        page = client.get(reverse("customers:related", args=[customer.pk])).content.decode()
        assert issue.doc_no in page
        assert f"?customer={customer.pk}" in page

    def test_n26_another_branch_finds_nothing(self, issues, client):
        issue = issues.reported()
        client.force_login(issues.world.other_am)
        assert client.get(issue.get_absolute_url()).status_code == 404
        for name in ("answer", "escalate", "confirm", "refuse", "overdue"):
            assert client.post(reverse(f"issues:{name}", args=[issue.pk])).status_code == 404
        assert client.get(reverse("issues:report", args=[issue.pk])).status_code == 404

    def test_prints_the_level_where_it_stands(self, issues):
        issue = issues.up_to(3)
        context = routed_kind(KIND_CODE).print_context(issue, FORM, hidden=())
        words = [cell["text"] for part in context["sections"] for row in part["cells"]
                 for cell in row["cells"]]  # fmt: skip
        assert "第 3 级 分公司总经理/跨部门会议" in words

    def test_prints_records_and_report(self, issues):
        issue = issues.reported()
        issues.report(issue, issues.world.colleague, team="专项小组")
        issue = issues.answer(issue, issues.world.colleague)
        context = routed_kind(KIND_CODE).print_context(issue, FORM, hidden=())
        cells = [row for part in context["sections"] for table in part["tables"]
                 for row in table["rows"]]  # fmt: skip
        text = str(cells)
        assert "专项小组" in text
        assert "已联系财务当天放款" in text
        printed = print_document(document=issue, form=FORM, actor=issue.handler, now=issues.now)
        assert printed.form == FORM


class TestApi:
    @pytest.fixture(autouse=True)
    def _now(self, clock):
        """The API asks the clock."""

    def test_does_what_the_pages_do(self, issues, client):
        world = issues.world
        url = "/api/v1/issues/"

        def post(address, body, **headers):
            return client.post(address, body, content_type="application/json", headers=headers)

        client.force_login(world.am)
        body = {
            "issue_kind": "COMPLAINT", "reporter": "张三", "reported_on": "2026-03-02",
            "description": "放款延迟", "owner": world.colleague.pk,
        }  # fmt: skip
        made = post(url, body)
        assert made.status_code == 201, made.content
        one = f"{url}{made.json()['id']}/"
        sent = post(f"{one}submit/", {"seen_version": made.json()["version"]},
                    **{"Idempotency-Key": "issue-submit-1"})  # fmt: skip
        assert sent.status_code == 200, sent.content
        client.force_login(world.colleague)
        assert post(f"{one}report/", {"team": "小组"}).json()["team"] == "小组"
        wrong = post(f"{one}escalate/", {"reason": "NONE", "text": "无法解决"})
        assert wrong.status_code == 400
        up = post(f"{one}escalate/", {"reason": "SERIOUS", "text": "涉及监管投诉"})
        assert up.json()["level"] == 2
        client.force_login(world.tl)
        answered = post(f"{one}answer/", {"text": "已向客户道歉"})
        assert answered.json()["biz_status"] == "ANSWERED"
        client.force_login(world.am)
        again = post(f"{one}refuse/", {"reason": "DISAGREEMENT", "text": "不接受道歉"})
        assert again.json()["level"] == 3
        assert post(f"{one}confirm/", {"text": "客户已确认"}).json()["code"] == "WF-05"
        assert post(f"{one}overdue/", {"text": "没有答复"}).json()["code"] in ("ISS-07", "WF-07")

    def test_n26_knows_no_customer_out_of_sight(self, issues, client):
        theirs = make_customer(issues.world.other_am, issues.now, name="大连客户有限公司")
        client.force_login(issues.world.am)
        body = {
            "issue_kind": "RISK", "reporter": "张三", "reported_on": "2026-03-02",
            "description": "风险", "customer": theirs.pk,
        }  # fmt: skip
        found = client.post("/api/v1/issues/", body, content_type="application/json")
        assert found.status_code == 400
        assert Customer.objects.filter(pk=theirs.pk).exists()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_two_answers_at_once_leave_one_record(self, transactional_db, now):
        from documents.registration import ship_routes

        ship_routes(now=now)
        issues = Issues(now)
        issue = issues.reported()
        results = together(
            lambda: issues.answer(issue, issues.world.colleague),
            lambda: issues.escalate(issue, issues.world.colleague),
        )
        assert race_codes(results) == ["ISS-09"]
        assert IssueStep.objects.count() == 1
