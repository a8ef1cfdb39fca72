"""``manage.py demo`` and the workbench of each of its logins.

The demo takes a while, so one class loads it once and asks everything of it.
"""

from __future__ import annotations

import io
import tempfile
from datetime import timedelta

from django.conf import settings
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.test import TestCase, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

import pytest

from applications.choices import BizStatus
from applications.models import BusinessApplication
from contracts.models import ContractReview
from customers.choices import CustomerStatus, CustomerType
from customers.models import (
    Contact,
    Customer,
    CustomerGroup,
    InfluenceRelation,
    Opportunity,
    TierChange,
)
from customers.selectors.submission import submission_gaps
from documents.choices import WfStatus
from documents.files.storage import open_stored
from documents.models import Attachment, PrintRecord, StoredFile, Supplement
from funds.choices import LoanStatus
from funds.models import (
    FundTransfer,
    InterestRefundWaiver,
    Loan,
    RebateApplication,
    Repayment,
)
from issues.choices import IssueStatus
from issues.models import IssueEscalation
from issues.services.issues import is_overdue
from lending_crm.common.identity import check_id_no, check_uscc
from lending_crm.common.models import ChangeRecord, ExportRun, OutboxMessage
from postloan.choices.bad_customers import RecoveryKind
from postloan.choices.supervision import ReminderStage
from postloan.kinds.completion import CERTIFICATE
from postloan.models import (
    BadCustomerHandover,
    CustomerCompletion,
    DutyReminder,
    ExtensionRequest,
    PostLoanSupervision,
    SupervisionReport,
)
from postloan.selectors.due_periods import Span
from postloan.selectors.supervision_duties import open_duties, open_tasks
from privacy.models import ExportRequest
from reports.choices import ReportStatus, TaskState
from reports.demo.organisation import PASSWORD
from reports.demo.people import PEOPLE, ROLE_LOGINS
from reports.models import PlanComment, PlanTask, WorkPlan, WorkReport
from resources.models import WorkHandover
from sms.models import ConsentProof, SmsMessage, TemplateVersion
from staff.calendar import load_calendar
from staff.choices import RoleCode
from staff.models import Branch, EmailDelivery, Employee, Notification
from staff.selectors import holders, superior_chain
from tests.staff.factories import BranchFactory
from workflows.choices import EventKind
from workflows.models import Case, HistoryEvent, OpinionPhrase, Stage, WorkItem
from workflows.verification import verify_all

#: most statements of one page, for every role, whatever it shows
MOST_QUERIES = 10


def run_demo() -> str:
    out = io.StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


def person(login: str) -> Employee:
    return Employee.objects.get(username=login)


@pytest.mark.costly_setup
class TestLoadDemo(TestCase):
    """What the command promises, asked of one run."""

    @classmethod
    def setUpClass(cls) -> None:
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.enterClassContext(override_settings(MEDIA_ROOT=folder))
        super().setUpClass()

    @classmethod
    def setUpTestData(cls) -> None:
        cls.output = run_demo()

    # what is there

    def test_opens_branches_with_people_in_every_role(self) -> None:
        assert Branch.objects.count() == 4
        assert Branch.objects.filter(is_head_office=True).count() == 1
        for code in RoleCode.values:
            assert holders(code), code
        assert len(holders(RoleCode.HRM)) == 3

    def test_puts_head_office_risk_above_the_branch_managers(self) -> None:
        chain = [above.username for above in superior_chain(person("am"), 4)]
        assert chain == ["tl", "bgm", "hrm", "ceo"]

    def test_enters_customers_of_all_types(self) -> None:
        assert Customer.objects.count() == 75
        assert set(Customer.objects.values_list("customer_type", flat=True)) == set(
            CustomerType.values
        )
        assert CustomerGroup.objects.count() == 4
        assert InfluenceRelation.objects.count() > 50
        for status in (CustomerStatus.ACTIVE, CustomerStatus.BAD, CustomerStatus.BLACKLISTED):
            assert Customer.objects.filter(biz_status=status).exists(), status

    def test_gives_them_numbers_that_pass_the_checks(self) -> None:
        today = timezone.localdate()
        for customer in Customer.objects.all():
            if customer.uscc:
                assert check_uscc(customer.uscc) == customer.uscc
        numbers = [contact.id_no for contact in Contact.objects.exclude(id_no_index="")]
        assert len(numbers) > 150
        for number in numbers:
            assert 18 <= check_id_no(number, today=today).age_on(today) <= 65

    def test_leads_opportunities_to_every_stage(self) -> None:
        stages = set(Opportunity.objects.values_list("stage", flat=True))
        assert stages == set(range(1, 8))
        assert Opportunity.objects.filter(biz_status="LOST").count() > 3

    def test_files_applications_in_every_status(self) -> None:
        applications = BusinessApplication.objects.all()
        assert applications.count() == 56
        assert set(applications.values_list("wf_status", flat=True)) == set(WfStatus.values)
        assert applications.filter(biz_status=BizStatus.EXPIRED).count() == 1
        assert applications.filter(copied_from__isnull=False).count() == 1
        assert applications.exclude(approved_conditions="").count() == 4

    def test_lends_for_a_year_and_gets_money_back(self) -> None:
        loans = Loan.objects.all()
        assert set(loans.values_list("status", flat=True)) >= {
            LoanStatus.NORMAL, LoanStatus.OVERDUE, LoanStatus.SETTLED, LoanStatus.BAD,
            LoanStatus.EXTENDED,
        }  # fmt: skip
        assert loans.earliest("start_date").start_date < timezone.localdate() - timedelta(days=300)
        assert Repayment.objects.count() > 50
        transfers = FundTransfer.objects.all()
        assert {"APPLYING", "PENDING", "EXECUTED"} <= set(
            transfers.values_list("biz_status", flat=True)
        )
        assert {"DRAFT", "IN_APPROVAL", "APPROVED"} <= set(
            ContractReview.objects.values_list("wf_status", flat=True)
        )
        assert set(ExtensionRequest.objects.values_list("ext_type", flat=True)) == {
            "EXTENSION", "OVERDUE",
        }  # fmt: skip

    def test_supervises_what_was_paid_out(self) -> None:
        supervised = PostLoanSupervision.objects.all()
        executed = FundTransfer.objects.filter(biz_status="EXECUTED")
        assert supervised.count() == executed.count() > 12
        assert supervised.filter(wf_status=WfStatus.DRAFT).count() == 1
        assert supervised.filter(base_on__gt=F("submit_by")).count() == 1
        assert supervised.filter(use_check="NO", colour="YELLOW").count() == 1
        assert supervised.filter(biz_status="ENDED").count() >= 3
        reports = SupervisionReport.objects.all()
        assert reports.filter(wf_status=WfStatus.APPROVED).count() > 100
        assert set(reports.values_list("colour", flat=True)) == {"GREEN", "YELLOW", "RED"}
        assert reports.filter(is_late=True).exists()
        today = timezone.localdate()
        (duties,) = open_duties(open_tasks(), Span(today, today), calendar=load_calendar())
        assert {duty.party for duty in duties if duty.is_late(today)} >= {
            "济南悦家生鲜超市有限公司", "烟台东润果蔬加工有限公司",
        }  # fmt: skip
        stages = set(DutyReminder.objects.values_list("stage", flat=True))
        assert stages == set(ReminderStage.values)

    def test_gives_interest_back_and_pays_rebates(self) -> None:
        reliefs = InterestRefundWaiver.objects.all()
        assert sorted(reliefs.values_list("relief_type", "wf_status", "biz_status")) == [
            ("REFUND", "APPROVED", "REFUNDED"),
            ("WAIVER", "APPROVED", "WAIVED"),
            ("WAIVER", "IN_APPROVAL", "APPLYING"),
        ]
        rebates = RebateApplication.objects.all()
        assert sorted(rebates.values_list("wf_status", "biz_status")) == [
            ("APPROVED", "PAID"), ("IN_APPROVAL", "APPLYING"),
        ]  # fmt: skip

    def test_ends_business_well_and_badly(self) -> None:
        completed = CustomerCompletion.objects.get(wf_status=WfStatus.APPROVED)
        assert completed.customer.biz_status == CustomerStatus.COMPLETED
        assert PrintRecord.objects.filter(document=completed.pk, form=CERTIFICATE).count() == 1
        assert CustomerCompletion.objects.get(wf_status=WfStatus.IN_APPROVAL).customer.name == (
            "吕秀兰"
        )
        handed = BadCustomerHandover.objects.get(wf_status=WfStatus.APPROVED)
        assert handed.customer.owner == person("ard")
        assert handed.is_proposed
        assert handed.recovery_records.count() == 4
        assert set(handed.recovery_records.values_list("kind", flat=True)) == set(
            RecoveryKind.values
        )
        proposed = BadCustomerHandover.objects.filter(wf_status=WfStatus.DRAFT, is_proposed=True)
        assert "青岛海硕冷冻设备有限公司" in {draft.customer.name for draft in proposed}

    def test_moves_work_and_tiers(self) -> None:
        done = WorkHandover.objects.get(biz_status="DONE")
        assert done.items.filter(outcome="MOVED").count() >= 3
        assert Customer.objects.get(name="韩立军").owner == person("am")
        running = WorkHandover.objects.get(wf_status=WfStatus.IN_APPROVAL)
        assert WorkItem.objects.waiting_for(person("am2")).filter(case=running.case_id).exists()
        tiers = TierChange.objects.values_list("wf_status", flat=True)
        assert sorted(tiers) == [WfStatus.APPROVED, WfStatus.IN_APPROVAL]
        assert Customer.objects.exclude(borrower_tier="NORMAL").count() == 1
        assert Customer.objects.filter(pooled_at__isnull=False).exists()

    def test_escalates_issues(self) -> None:
        now = timezone.now()
        assert IssueEscalation.objects.filter(biz_status=IssueStatus.CLOSED).count() == 1
        running = IssueEscalation.objects.filter(biz_status=IssueStatus.HANDLING)
        levels = {issue.level: is_overdue(issue, now=now) for issue in running}
        assert levels == {1: True, 3: False}

    def test_asks_for_full_numbers(self) -> None:
        exported = ExportRequest.objects.get(wf_status=WfStatus.APPROVED)
        run = ExportRun.objects.get(request_no=exported.doc_no)
        assert (run.actor, run.state) == (exported.handler, "DONE")
        assert ExportRequest.objects.filter(wf_status=WfStatus.IN_APPROVAL).count() == 1

    def test_plans_and_reports_its_work(self) -> None:
        plans = WorkPlan.objects.all()
        authors = {"am", "am2", "zhaolei"}
        assert {plan.author.username for plan in plans} == authors
        assert plans.count() >= 12
        assert plans.filter(ends_on__gte=timezone.localdate()).count() <= 3
        assert set(PlanTask.objects.values_list("state", flat=True)) == set(TaskState.values)
        assert PlanTask.objects.filter(added_by__username="tl").exists()
        assert PlanComment.objects.filter(by__username="tl").exists()
        reports = WorkReport.objects.all()
        assert {report.author.username for report in reports} == authors
        assert reports.filter(report_type="MONTH").count() == 1
        # On a Monday last week's report may not be submitted yet, or not be read.
        found = set(reports.values_list("status", flat=True))
        assert found >= {ReportStatus.READ, ReportStatus.COMMENTED}
        assert all(report.figures for report in reports)

    def test_sends_text_messages(self) -> None:
        assert TemplateVersion.objects.filter(state="APPROVED").count() == 6
        assert TemplateVersion.objects.filter(state="DRAFT").count() == 1
        messages = SmsMessage.objects.all()
        assert {"NOTICE", "COLLECTION", "MARKETING", "REPLY"} <= set(
            messages.values_list("kind", flat=True)
        )
        assert not messages.filter(status="QUEUED").exists()
        assert messages.filter(gateway="console").exists()
        assert ConsentProof.objects.filter(agrees=True).count() == 5
        assert ConsentProof.objects.filter(agrees=False).count() == 1

    def test_attaches_what_a_submission_needs(self) -> None:
        assert Attachment.objects.count() > 250
        assert Supplement.objects.filter(submitted_at__isnull=False).count() == 2
        kinds = set(StoredFile.objects.values_list("extension", flat=True))
        assert kinds == {"pdf", "docx", "xlsx", "jpg"}
        for extension in kinds:
            file = StoredFile.objects.filter(extension=extension).first()
            with open_stored(file) as stream:
                assert stream.read(4)
        running = BusinessApplication.objects.filter(wf_status=WfStatus.IN_APPROVAL)
        for application in running.select_related("customer"):
            assert submission_gaps(application.customer) == []

    # who has to do what

    def test_leaves_work_for_every_approver(self) -> None:
        least = {"tl": 4, "brm": 4, "bgm": 3, "rcc": 2, "ceo": 1, "am": 2}
        for login, number in least.items():
            assert WorkItem.objects.waiting_for(person(login)).count() >= number, login
        for login in ("rc1", "rc2", "rc3", "rc4", "rc5"):
            assert WorkItem.objects.waiting_for(person(login)).exists(), login
        hrm = person("hrm")
        assert WorkItem.objects.claimable_by(hrm).count() == 5
        assert WorkItem.objects.waiting_for(hrm).count() == 1

    def test_leaves_some_of_it_overdue(self) -> None:
        now = timezone.now()
        for login in ("tl", "brm", "bgm", "hrm"):
            items = WorkItem.objects.waiting_for(person(login)).filter(due_at__lt=now)
            assert 1 <= items.count() <= 2, login

    def test_wakes_the_case_that_stopped_for_want_of_a_general_manager(self) -> None:
        assert not Stage.objects.filter(is_blocked=True).exists()
        # Whatever else reached his desk meanwhile stopped and was woken with it.
        unblocked = HistoryEvent.objects.filter(kind=EventKind.UNBLOCKED)
        woken = unblocked.get(case__party="烟台凯旋建筑装饰有限公司").case
        assert woken.events.filter(kind=EventKind.BLOCKED).exists()
        successor = person("zhangweidong")
        assert WorkItem.objects.waiting_for(successor).filter(case=woken).exists()
        branch = woken.branch_id
        assert [p.username for p in holders(RoleCode.BGM, branch_id=branch)] == ["zhangweidong"]

    def test_has_every_kind_of_act_in_its_histories(self) -> None:
        seen = set(HistoryEvent.objects.values_list("kind", flat=True))
        assert {
            EventKind.SUBMITTED, EventKind.RESUBMITTED, EventKind.CLAIMED, EventKind.RELEASED,
            EventKind.APPROVED, EventKind.APPROVED_WITH_CONDITIONS, EventKind.REJECTED,
            EventKind.RETURNED, EventKind.WITHDRAWN, EventKind.TAKEN_BACK, EventKind.TRANSFERRED,
            EventKind.REASSIGNED, EventKind.COMMENTED, EventKind.COPIED,
            EventKind.MATERIAL_REQUESTED, EventKind.SUPPLEMENTED, EventKind.URGED,
            EventKind.BLOCKED, EventKind.VOTE_CLOSED, EventKind.CONCLUDED, EventKind.VOIDED,
        } <= seen  # fmt: skip
        resubmitted = HistoryEvent.objects.filter(kind=EventKind.RESUBMITTED)
        assert {event.data["direct"] for event in resubmitted} == {True, False}

    def test_happens_in_working_hours_and_never_in_the_future(self) -> None:
        calendar, now = load_calendar(), timezone.now()
        begun = now
        for event in HistoryEvent.objects.all():
            assert event.at <= now
            assert calendar.is_working_day(timezone.localdate(event.at)), event.at
            begun = min(begun, event.at)
        assert begun < now - timedelta(days=75)
        assert Customer.objects.earliest("created_at").created_at < now - timedelta(days=150)

    # what is real about it

    def test_keeps_histories_that_verify(self) -> None:
        found = list(verify_all())
        assert len(found) == Case.objects.count() > 100
        assert [broken for _case, broken in found if broken] == []

    def test_keeps_a_change_log(self) -> None:
        assert ChangeRecord.objects.filter(model="customers.customer").count() > 300

    def test_delivers_messages_without_any_letter(self) -> None:
        assert not OutboxMessage.objects.filter(delivered_at=None).exists()
        assert EmailDelivery.objects.count() == 0
        assert mail.outbox == []
        assert not Employee.objects.filter(email="").exists()

    def test_leaves_only_the_latest_messages_unread(self) -> None:
        unread = Notification.objects.filter(read_at=None)
        assert unread.filter(recipient__username="am").exists()
        assert unread.count() < Notification.objects.count() / 2
        assert unread.earliest("created_at").created_at > timezone.now() - timedelta(days=14)

    def test_offers_phrases_to_everybody_who_decides(self) -> None:
        for login in ("tl", "brm", "bgm", "hrm", "rc1", "rcc", "ceo"):
            assert OpinionPhrase.objects.filter(owner__username=login).exists(), login

    # the command

    def test_lets_every_login_in(self) -> None:
        for login in ROLE_LOGINS:
            answer = self.client.post(
                reverse("account_login"), {"login": login, "password": PASSWORD}
            )
            assert answer.status_code == 302, login
            self.client.logout()
        assert {p.username for p in Employee.objects.all()} == {p.login for p in PEOPLE} | {"adm"}

    def test_names_the_logins_at_the_end(self) -> None:
        assert PASSWORD in self.output
        for login in ROLE_LOGINS:
            assert f"\n  {login} " in self.output

    def test_changes_nothing_the_second_time(self) -> None:
        events, changes = HistoryEvent.objects.count(), ChangeRecord.objects.count()
        assert "already" in run_demo()
        assert HistoryEvent.objects.count() == events
        assert ChangeRecord.objects.count() == changes

    # the workbench of each role

    def open(self, login: str, language: str = "zh-hans") -> str:
        self.client.force_login(person(login))
        self.client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        answer = self.client.get("/")
        assert answer.status_code == 200
        return answer.content.decode()

    def test_costs_few_statements_for_every_role(self) -> None:
        for login in ROLE_LOGINS:
            self.open(login)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert self.client.get("/").status_code == 200
            found = "\n".join(query["sql"][:120] for query in queries)
            assert len(queries) <= MOST_QUERIES, f"{login}: {len(queries)}\n{found}"

    def test_shows_an_account_manager_his_day(self) -> None:
        page = self.open("am")
        for part in ("returned", "running", "follow-ups", "stalled", "approved", "drafts"):
            assert f'id="{part}"' in page, part
        assert "抵押房产存在租约" in page
        assert reverse("applications:choose_opportunity") in page
        assert 'id="standings"' not in page

    def test_shows_an_approver_what_waits(self) -> None:
        for login in ("tl", "brm", "bgm", "hrm", "ceo"):
            page = self.open(login)
            assert 'id="to-decide"' in page, login
            assert 'id="standings"' in page, login
            assert 'id="follow-ups"' not in page, login

    def test_shows_a_member_of_the_committee_how_far_the_vote_is(self) -> None:
        page = self.open("rc5")
        assert "已表决 3 / 5" in page
        assert 'id="standings"' not in page

    def test_shows_head_office_risk_the_pool(self) -> None:
        assert 'id="to-claim"' in self.open("hrm")

    def test_shows_the_administrator_the_operation_and_no_business(self) -> None:
        page = self.open("adm")
        assert 'id="operations"' in page
        # He keeps the organisation; the business is not his to read (N26).
        assert "凯旋" not in page

    def test_shows_finance_what_waits_for_its_contract(self) -> None:
        assert 'id="approved"' in self.open("fin")

    def test_shows_asset_recovery_the_bad_customers(self) -> None:
        assert "初连生" in self.open("ard")

    def test_shows_nobody_the_business_of_another_branch(self) -> None:
        for login in ("am2", "xiejun", "guoqiang", "luowei"):
            page = self.open(login)
            for customer in Customer.objects.exclude(branch__code="QD"):
                assert customer.name not in page, (login, customer.name)

    def test_leads_nowhere_that_the_reader_may_not_go(self) -> None:
        for login in ROLE_LOGINS:
            page = self.open(login)
            links = {
                part.partition('"')[0].replace("&amp;", "&") for part in page.split(' href="')[1:]
            }
            for link in sorted(links):
                if link.startswith(("/cases/", "/applications/", "/customers/", "/opportunities/")):
                    assert self.client.get(link).status_code == 200, (login, link)

    def test_speaks_english_too(self) -> None:
        page = self.open("am", "en")
        assert "My running cases" in page
        assert "我的在途单据" not in page


@pytest.mark.django_db
class TestRefuseDemo:
    def test_a_database_that_somebody_uses(self) -> None:
        BranchFactory(name="真实分公司")
        with pytest.raises(CommandError, match="holds data of its own"):
            run_demo()
        assert Branch.objects.count() == 1
        assert Employee.objects.count() == 0
