"""Keeping and anonymising (R10): who is due, who is held back, what goes and what stays."""

from __future__ import annotations

import io
from datetime import timedelta

from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, transaction

import pytest

from applications.models import BusinessApplication
from customers.models import Customer
from customers.services.contacts import create_contact
from documents.files.storage import path_of
from documents.models import Attachment
from lending_crm.common.crypto import blind_index
from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord
from privacy.models import Anonymisation, ErasedFile, LegalHold, PrivacySetting
from privacy.selectors.retention import due_customers, explained
from privacy.services.erasure.files import erase_booked_files
from privacy.services.erasure.tables import reached_tables
from privacy.services.erasure.words import Words
from privacy.services.holds import lift_hold, set_hold
from privacy.services.retention import anonymise_customer, run_retention
from privacy.services.settings import update_privacy_setting
from sms.models import ConsentProof, SmsMessage
from tests.customers.factories import contact_data, make_channel, make_customer, make_opportunity
from tests.privacy.old import PHONE, Past, rows_that_say
from workflows.models import HistoryEvent
from workflows.verification import verify_all


@pytest.fixture
def past(db, now) -> Past:
    return Past(now)


def refused(act) -> list[str]:
    with pytest.raises(DomainError) as error:
        act()
    return [reason.code for reason in error.value.reasons]


def is_due(past: Past, *, days: int = 0) -> bool:
    rows = due_customers(now=past.later + timedelta(days=days))
    return rows.filter(pk=past.customer.pk).exists()


def anonymised(past: Past) -> Anonymisation:
    return anonymise_customer(customer_id=past.customer.pk, now=past.later)


class TestWhoIsDue:
    def test_years_after_the_last_relation_and_not_before(self, past):
        settled = past.ledger.day(20)
        limit = settled.replace(year=settled.year + 10)
        day_before = past.now + (limit - past.now.date())

        assert not due_customers(now=day_before).filter(pk=past.customer.pk).exists()
        assert is_due(past)

    def test_says_what_ended_last(self, past):
        [due] = explained(due_customers(now=past.later).filter(pk=past.customer.pk))

        assert due.ended_on == past.ledger.day(20)
        assert past.loan.loan_no in due.because
        assert due.masked_name == "北**"

    def test_a_longer_period_of_the_lender_counts(self, past):
        PrivacySetting.objects.create(pk=1, keep_years=15)

        assert not is_due(past)

    def test_never_with_a_running_loan(self, db, now):
        assert not is_due(Past(now, is_settled=False))

    @pytest.mark.parametrize("status", ["BAD", "BLACKLISTED"])
    def test_never_while_it_is_bad(self, past, status):
        Customer.objects.filter(pk=past.customer.pk).update(biz_status=status)

        assert not is_due(past)

    def test_never_with_a_document_that_is_not_decided(self, past):
        past.lender.draft(past.lender.opportunity_of(past.customer))

        assert not is_due(past)

    def test_never_while_another_customer_names_it(self, past):
        channel = make_channel(past.people.am, past.now)
        rows = due_customers(now=past.later)
        assert rows.filter(pk=channel.pk).exists()

        Customer.objects.filter(pk=past.customer.pk).update(channel=channel)

        assert not rows.filter(pk=channel.pk).exists()

    def test_never_with_an_opportunity_that_is_worked_on(self, past):
        opportunity = make_opportunity(past.customer, past.now)
        type(opportunity).objects.filter(pk=opportunity.pk).update(updated_at=past.later)

        assert not is_due(past, days=1)


class TestHolds:
    def test_hold_back_until_they_are_lifted(self, past):
        adm = past.people.adm
        hold = set_hold(
            customer_no=past.customer.customer_no, reason="(2036)辽01民初1号", actor=adm,
            now=past.later,
        )  # fmt: skip
        assert not is_due(past)
        assert refused(lambda: anonymised(past)) == ["RET-02"]

        lift_hold(hold_id=hold.pk, reason="判决已生效", actor=adm, now=past.later)

        assert is_due(past)
        act = lambda: lift_hold(hold_id=hold.pk, reason="再次解除", actor=adm, now=past.later)  # noqa: E731
        assert refused(act) == ["RET-07"]

    @pytest.mark.parametrize(
        ("who", "number", "reason", "code"),
        [
            ("hrm", "", "诉讼需要保留", "RET-01"),
            ("adm", "", "短", "RET-03"),
            ("adm", "KH-0", "诉讼需要保留", "RET-04"),
        ],
    )
    def test_need_an_administrator_a_reason_and_a_customer(self, past, who, number, reason, code):
        act = lambda: set_hold(  # noqa: E731
            customer_no=number or past.customer.customer_no,
            reason=reason,
            actor=getattr(past.people, who),
            now=past.later,
        )

        assert refused(act) == [code]

    def test_ret_05_ret_06_once_and_in_time(self, past):
        given = {"reason": "诉讼需要保留", "actor": past.people.adm, "now": past.later}
        number = past.customer.customer_no
        hold = set_hold(customer_no=number, **given)
        assert refused(lambda: set_hold(customer_no=number, **given)) == ["RET-05"]
        lift_hold(hold_id=hold.pk, **given)
        anonymised(past)

        assert refused(lambda: set_hold(customer_no=number, **given)) == ["RET-06"]

    def test_the_database_keeps_them(self, past):
        hold = LegalHold.objects.create(
            customer=past.customer, reason="诉讼需要保留", set_by=past.people.adm, set_at=past.now
        )

        with pytest.raises(ProgrammingError), transaction.atomic():
            hold.delete()
        with pytest.raises(IntegrityError, match="RET-02"), transaction.atomic():
            Anonymisation.objects.create(
                customer=past.customer, customer_no="KH-1", branch=past.customer.branch,
                ended_on=past.now.date(), keep_years=10, at=past.now, contacts=0, records=0,
                changes=0, snapshots=0, messages=0, files=0, opinions=0,
            )  # fmt: skip


class TestAnonymise:
    def test_n25_nothing_in_the_database_names_the_person_but_the_history(self, past):
        contact = past.customer.contacts.get()
        words = [past.customer.name, past.customer.uscc, PHONE, "138****8000", "张三",
                 contact.mobile, past.customer.reg_addr, past.customer.acct_no]  # fmt: skip
        assert rows_that_say("张三")

        anonymised(past)

        history = {"workflows_historyevent", "workflows_workitem"}
        for word in words:
            assert set(rows_that_say(word)) <= history, word

    def test_the_history_still_proves_itself(self, past):
        assert anonymised(past).snapshots >= 1

        assert [broken for _case, broken in verify_all() if broken] == []
        out = io.StringIO()
        call_command("verify_history", stdout=out)
        assert "intact" in out.getvalue()

    def test_wf_16_n15_no_event_is_touched_and_one_is_added(self, past):
        before = list(HistoryEvent.objects.order_by("pk").values())

        anonymised(past)

        after = list(HistoryEvent.objects.order_by("pk").values())
        assert after[: len(before)] == before
        assert [event["kind"] for event in after[len(before) :]] == ["ANONYMISED"]

    def test_a_snapshot_that_is_changed_by_another_hand_is_still_found_out(self, past):
        import pgtrigger

        from workflows.models import Snapshot

        anonymised(past)
        with pgtrigger.ignore("workflows.Snapshot:append_only"):
            Snapshot.objects.update(content={"fields": []})

        assert any(broken for _case, broken in verify_all())

    def test_figures_and_numbers_of_the_books_stay(self, past):
        anonymised(past)

        customer = past.stored()
        assert customer.name == f"匿名客户 {past.customer.customer_no}"
        assert (customer.id_no_index, customer.phone, customer.acct_no) == ("", "", "")
        past.loan.refresh_from_db()
        assert past.loan.principal == 500_000
        application = BusinessApplication.objects.get(pk=past.road.document.pk)
        assert application.wf_status == "APPROVED"

    def test_nobody_finds_it_by_what_it_was(self, past):
        anonymised(past)

        rows = Customer.objects.all()
        assert not rows.search("北方").exists()
        assert not rows.search("bfhy").exists()
        assert not rows.search(PHONE).exists()

    def test_the_change_log_keeps_who_and_when(self, past):
        rows = ChangeRecord.objects.filter(model="customers.customer", object_id=past.customer.pk)
        ChangeRecord.objects.create(
            model="customers.customer", object_id=past.customer.pk, field="name",
            field_label="客户名称", old="旧名商贸公司", new=past.customer.name,
            actor=past.people.am, at=past.now,
        )  # fmt: skip
        count = rows.count()

        anonymised(past)

        row = rows.filter(field="name").latest("pk")
        assert rows.count() == count
        assert (row.old, row.new, row.actor) == ("[已匿名]", "[已匿名]", past.people.am)
        assert not rows_that_say("旧名商贸公司")

    def test_a_guarantor_in_the_papers_goes_too(self, past):
        anonymised(past)

        item = past.road.stored.guarantee_items.get()
        assert (item.owner_name, item.name) == ("[已匿名]", "[已匿名]")

    def test_files_go_and_their_hashes_stay(self, past, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        past.write_bytes()
        hashes = [file.sha256 for file in past.files()]

        act = anonymised(past)
        assert erase_booked_files(now=past.later) == act.files > 0

        assert [file.sha256 for file in past.files()] == hashes
        assert not any(path_of(digest).exists() for digest in hashes)
        assert erase_booked_files(now=past.later) == 0

    def test_a_file_that_somebody_else_has_too_stays(self, past, settings, tmp_path, now):
        settings.MEDIA_ROOT = tmp_path
        past.write_bytes()
        shared = Attachment.objects.first().file
        other = past.lender.borrower(name="另一公司")
        other.consents.update(file=shared)

        anonymised(past)
        erase_booked_files(now=past.later)

        assert path_of(shared.sha256).exists()

    def test_content_attached_anew_before_its_bytes_went_stays(self, past, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        past.write_bytes()
        anonymised(past)
        doomed = ErasedFile.objects.first()
        other = past.lender.borrower(name="另一公司")
        other.consents.update(file=doomed.file)

        erase_booked_files(now=past.later)

        doomed.refresh_from_db()
        assert doomed.is_kept
        assert path_of(doomed.file.sha256).exists()

    def test_text_messages_lose_number_and_words(self, past):
        anonymised(past)

        message = SmsMessage.objects.get()
        assert (message.number, message.number_index, message.recipient) == ("", "", "")
        assert message.text == "[已匿名]"

    def test_n24_a_refusal_stays_with_a_number_that_somebody_else_has(self, past):
        make_customer(past.people.am, past.now, name="同号公司", phone=PHONE)
        ConsentProof.objects.create(
            customer=past.customer, number=PHONE, number_index=blind_index(PHONE),
            number_masked="138****8000", agrees=False, means="REPLY", note="回复R",
            created_at=past.now,
        )  # fmt: skip

        anonymised(past)

        proof = ConsentProof.objects.get()
        assert (proof.customer, proof.number, proof.agrees) == (None, PHONE, False)

    def test_done_twice_it_changes_nothing(self, past):
        first = anonymised(past)
        before = past.stored().updated_at

        again = anonymise_customer(customer_id=past.customer.pk, now=past.later + timedelta(1))

        assert (again, past.stored().updated_at) == (first, before)
        assert not is_due(past)

    def test_ret_02_looks_again_under_the_lock(self, past):
        past.lender.draft(past.lender.opportunity_of(past.customer))

        assert refused(lambda: anonymised(past)) == ["RET-02"]
        assert past.stored().name == past.customer.name

    def test_nobody_writes_into_it_afterwards(self, past):
        anonymised(past)

        act = lambda: create_contact(  # noqa: E731
            customer=past.stored(), data=contact_data(), actor=past.people.am, now=past.later
        )
        assert refused(act) == ["CUS-11"]
        with pytest.raises(IntegrityError), transaction.atomic():
            Customer.objects.filter(pk=past.customer.pk).update(phone=PHONE)

    def test_the_record_holds_nothing_of_the_person_and_is_never_changed(self, past):
        act = anonymised(past)

        assert (act.customer_no, act.ended_on, act.by) == (
            past.customer.customer_no,
            past.ledger.day(20),
            None,
        )
        assert act.contacts == 1
        with pytest.raises(ProgrammingError), transaction.atomic():
            Anonymisation.objects.update(keep_years=1)

    def test_opinions_that_name_the_person_are_counted(self, past, monkeypatch):
        names_him = HistoryEvent.objects.filter(opinion="同意").count()
        monkeypatch.setattr(
            "privacy.services.retention.naming_values", lambda record: ["同意", "北方"]
        )

        assert anonymised(past).opinions == names_him > 0


class TestRun:
    def test_takes_whoever_is_due_and_stops_at_nobody(self, past, monkeypatch):
        make_customer(past.people.am, past.now, name="另一公司")
        done: list[int] = []

        def fails_first(*, customer_id, now, actor=None):
            done.append(customer_id)
            if len(done) == 1:
                raise ValueError("broken row")
            return anonymise_customer(customer_id=customer_id, now=now)

        monkeypatch.setattr("privacy.services.retention.anonymise_customer", fails_first)

        assert run_retention(now=past.later)[0] == 1
        assert len(done) == 2

    def test_the_command_names_them_and_changes_nothing(self, past, time_machine):
        time_machine.move_to(past.later, tick=False)
        out = io.StringIO()

        call_command("anonymise_customers", dry_run=True, stdout=out)

        assert past.customer.customer_no in out.getvalue()
        assert past.customer.name not in out.getvalue()
        assert past.stored().anonymised_at is None

    def test_the_task_keeps_to_the_switch(self, past, time_machine):
        from privacy.tasks import anonymise_due_customers

        time_machine.move_to(past.later, tick=False)
        PrivacySetting.objects.create(pk=1, runs_daily=False)
        anonymise_due_customers()
        assert past.stored().anonymised_at is None

        PrivacySetting.objects.update(runs_daily=True)
        anonymise_due_customers()

        assert past.stored().anonymised_at is not None


class TestSettings:
    def change(self, past, who="adm", **values):
        given = {"keep_years": 12, "runs_daily": True, "export_days": 5} | values
        return update_privacy_setting(
            values=given, version=None, actor=getattr(past.people, who), now=past.now
        )

    def test_are_changed_on_record(self, past):
        self.change(past)

        row = ChangeRecord.objects.get(model="privacy.privacysetting", field="keep_years")
        assert (row.old, row.new, row.actor) == ("10", "12", past.people.adm)

    @pytest.mark.parametrize(
        ("values", "code"), [({"keep_years": 4}, "RET-08"), ({"export_days": 31}, "RET-09")]
    )
    def test_ret_08_ret_09_stay_within_the_law_and_reason(self, past, values, code):
        assert refused(lambda: self.change(past, **values)) == [code]

    def test_ret_01_are_the_administrators(self, past):
        assert refused(lambda: self.change(past, who="hrm")) == ["RET-01"]


class TestReach:
    def test_every_table_about_a_customer_is_reached(self):
        names = {model._meta.label for model in reached_tables()}

        assert {
            "applications.GuaranteeItem",
            "customers.FollowUp",
            "documents.Attachment",
            "funds.FundTransfer",
            "funds.Repayment",
            "funds.RepaymentImportRow",
            "issues.IssueReport",
            "postloan.CollectionRow",
            "reports.PlanTask",
            "resources.HandoverItem",
            "riskcommittee.CommitteeSession",
        } <= names
        assert not names & {"customers.Customer", "staff.Employee", "customers.CustomerGroup"}

    def test_words_leave_longest_first_and_spare_short_ones(self):
        words = Words(["张三", "张三商贸", "A", "李"])

        assert words.scrub(["张三商贸 A 李 张三", {"a": 1}]) == ["[已匿名] A 李 [已匿名]", {"a": 1}]
