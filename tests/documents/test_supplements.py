"""M10 and story 3: material comes to a running case and nothing else moves."""

from __future__ import annotations

import threading

from django.db import connection

import pytest

from documents.models import Attachment, Supplement, SupplementRead
from documents.selectors import supplement_panel
from documents.services import supplements as acts
from lending_crm.common.errors import DomainError
from lending_crm.common.models import OutboxMessage
from staff.selectors import roles_of
from tests.documents.factories import (
    NOW,
    DocumentFactory,
    EmployeeFactory,
    attachment,
    move_to,
    stage_with,
    supplement,
    upload,
)
from workflows.models import Case, CaseCopy, HistoryEvent, MaterialRequest, Stage, WorkItem


@pytest.fixture
def told(monkeypatch):
    """What the engine was told; its own part is tested with the engine."""
    calls: list[dict] = []
    monkeypatch.setattr(acts, "record_supplement", lambda **values: calls.append(values))
    return calls


def create(document, **values):
    return acts.create_supplement(
        document_id=document.pk,
        actor=values.pop("actor", document.handler),
        now=NOW,
        subject=values.pop("subject", "补充银行流水"),
        **values,
    )


def add_file(draft, **values):
    return acts.add_supplement_file(
        supplement_id=draft.pk,
        actor=values.pop("actor", draft.creator),
        now=NOW,
        title="流水",
        category="OTHER",
        upload=upload("流水.pdf"),
    )


def submit(draft, actor=None):
    return acts.submit_supplement(supplement_id=draft.pk, actor=actor or draft.creator, now=NOW)


@pytest.mark.django_db
class TestCreateSupplement:
    def test_opens_a_numbered_draft(self, running):
        draft = create(running, note="第三季度")
        assert draft.doc_no == f"BC-{running.branch.code}-20261120-001"
        assert (draft.document, draft.creator, draft.is_draft) == (running, running.handler, True)

    @pytest.mark.parametrize(
        "status", ["DRAFT", "RETURNED", "WITHDRAWN", "APPROVED", "REJECTED", "VOID"]
    )
    def test_sup_01_only_for_open_cases(self, document, status):
        move_to(document, status)
        with pytest.raises(DomainError) as caught:
            create(document)
        assert caught.value.code == "SUP-01"
        assert document.doc_no in caught.value.message

    def test_only_by_the_handler_and_whom_the_kind_allows(
        self, running, stranger, kind, monkeypatch
    ):
        with pytest.raises(DomainError) as caught:
            create(running, actor=stranger)
        assert (caught.value.code, caught.value.status) == ("SUP-04", 403)
        monkeypatch.setattr(type(kind), "may_supplement", lambda *_args: True)
        assert create(running, actor=stranger).creator == stranger

    def test_asks_for_a_subject(self, running):
        with pytest.raises(DomainError) as caught:
            create(running, subject=" \x00 ", note="x" * 2001)
        assert [reason.code for reason in caught.value.reasons] == ["SUP-05", "DOC-04"]


@pytest.mark.django_db
class TestSubmitSupplement:
    def test_tells_the_engine_and_leaves_the_document_alone(self, running, told):
        draft = create(running, note="第三季度")
        add_file(draft)
        before = Case.objects.values().get(pk=running.case_id)
        sent = submit(draft)
        running.refresh_from_db()
        assert sent.submitted_at == NOW
        assert (running.wf_status, running.version) == ("IN_APPROVAL", 1)
        assert Case.objects.values().get(pk=running.case_id) == before
        [call] = told
        assert (call["case_id"], call["supplement_no"], call["note"]) == (
            running.case_id,
            draft.doc_no,
            "第三季度",
        )
        assert call["files"][0]["file_name"] == "流水.pdf"

    def test_sup_02_needs_a_file(self, running, told):
        draft = create(running)
        removed = add_file(draft)
        acts.remove_supplement_file(attachment_id=removed.pk, actor=draft.creator, now=NOW)
        with pytest.raises(DomainError) as caught:
            submit(draft)
        assert caught.value.code == "SUP-02"
        assert told == []

    def test_refuses_when_the_case_ended_meanwhile(self, running, told):
        draft = create(running)
        add_file(draft)
        move_to(running, "APPROVED")
        with pytest.raises(DomainError) as caught:
            submit(draft)
        assert caught.value.code == "SUP-01"

    def test_sup_03_is_read_only_afterwards(self, running, told):
        draft = create(running)
        row = add_file(draft)
        submit(draft)
        actor = draft.creator
        for act in (
            lambda: submit(draft),
            lambda: add_file(draft),
            lambda: acts.remove_supplement_file(attachment_id=row.pk, actor=actor, now=NOW),
            lambda: acts.discard_supplement(supplement_id=draft.pk, actor=actor, now=NOW),
            lambda: acts.update_supplement(
                supplement_id=draft.pk, actor=actor, subject="x", note=""
            ),
        ):
            with pytest.raises(DomainError) as caught:
                act()
            assert caught.value.code == "SUP-03"

    def test_a_stranger_touches_no_draft(self, running, stranger):
        draft = create(running)
        for act in (lambda: submit(draft, stranger), lambda: add_file(draft, actor=stranger)):
            with pytest.raises(DomainError) as caught:
                act()
            assert caught.value.code == "SUP-04"

    def test_a_discarded_draft_keeps_its_number(self, running):
        acts.discard_supplement(supplement_id=create(running).pk, actor=running.handler, now=NOW)
        assert create(running).doc_no.endswith("-002")
        assert supplement_panel(running, running.handler).supplements[0].doc_no.endswith("-002")

    def test_everything_goes_when_the_engine_refuses(self, running, monkeypatch):
        def refuse(**_values):
            raise DomainError("WF-05", "no")

        monkeypatch.setattr(acts, "record_supplement", refuse)
        draft = create(running)
        add_file(draft)
        with pytest.raises(DomainError):
            submit(draft)
        draft.refresh_from_db()
        assert draft.is_draft

    def test_the_originals_stay_as_they_were(self, document, told):
        original = attachment(document)
        move_to(document, "IN_APPROVAL")
        draft = create(document)
        add_file(draft)
        submit(draft)
        original.refresh_from_db()
        assert original.is_current
        assert Attachment.objects.current().filter(document=document).count() == 2


@pytest.mark.django_db
class TestWithTheEngine:
    """Story 3, with the engine's own part."""

    def test_nothing_moves_and_everybody_concerned_is_told(self, running):
        current, past = EmployeeFactory(), EmployeeFactory()
        stage = stage_with(running.case, current, past)
        decided = {"state": "DECIDED", "decision": "APPROVE", "decided_by": past}
        WorkItem.objects.filter(assignee=past).update(**decided, decided_at=NOW)
        asked = MaterialRequest.objects.create(
            case=running.case, stage=stage, requested_by=current, requested_at=NOW, text="流水"
        )
        untouched = {
            Stage: list(Stage.objects.values()),
            WorkItem: list(WorkItem.objects.order_by("id").values()),
        }
        draft = create(running, note="第三季度")
        add_file(draft)
        submit(draft)
        for model, before in untouched.items():
            assert list(model.objects.order_by("id").values()) == before
        event = HistoryEvent.objects.get()
        assert (event.kind, event.data["supplement"]) == ("SUPPLEMENTED", draft.doc_no)
        assert event.data["files"][0]["file_name"] == "流水.pdf"
        asked.refresh_from_db()
        assert asked.answered_by_supplement == draft.doc_no
        message = OutboxMessage.objects.get(topic="notify").payload
        assert message["event"] == "case.supplemented"
        assert message["recipients"] == sorted([current.pk, past.pk])
        assert running.case.snapshots.get().content["attachments"][0]["supplement"] == draft.doc_no
        assert supplement_panel(running, current).unread == 1
        assert supplement_panel(running, running.handler).requests == []


@pytest.mark.django_db
class TestUnreadSupplements:
    def test_counts_down_as_each_is_opened(self, running):
        reader = EmployeeFactory()
        CaseCopy.objects.create(case=running.case, recipient=reader, sent_at=NOW)
        first, _second = (supplement(running, submitted_at=NOW) for _ in range(2))
        supplement(running)
        assert supplement_panel(running, reader).unread == 2
        for _twice in range(2):
            acts.mark_read(supplement=first, actor=reader, now=NOW)
        assert supplement_panel(running, reader).unread == 1
        assert SupplementRead.objects.count() == 1

    def test_the_author_has_read_his_own(self, running):
        supplement(running, submitted_at=NOW)
        assert supplement_panel(running, running.handler).unread == 0

    def test_the_panel_costs_three_queries(self, running, django_assert_num_queries):
        for _ in range(3):
            draft = supplement(running)
            attachment(running, supplement=draft)
        roles_of(running.handler)  # one query a request, whatever else the page shows
        with django_assert_num_queries(3):
            panel = supplement_panel(running, running.handler)
            [str(f.uploaded_by) for row in panel.supplements for f in row.files]
        assert panel.may_create


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
class TestSupplementRace:
    def test_two_clicks_submit_once(self, monkeypatch):
        told: list[dict] = []
        monkeypatch.setattr(acts, "record_supplement", lambda **values: told.append(values))
        running = move_to(DocumentFactory(), "IN_APPROVAL")
        draft = create(running)
        add_file(draft)
        refused: list[str] = []
        start = threading.Barrier(2)

        def click() -> None:
            start.wait()
            try:
                submit(draft)
            except DomainError as error:
                refused.append(error.code)
            finally:
                connection.close()

        threads = [threading.Thread(target=click) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(told) == 1
        assert refused == ["SUP-03"]
        assert Supplement.objects.get().submitted_at == NOW
