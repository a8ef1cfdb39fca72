"""Opening, changing and voiding a document, and what every kind tells the engine."""

from __future__ import annotations

import pytest

from documents.choices import WfStatus
from documents.models import Document
from documents.services.documents import (
    default_subject,
    open_document,
    void_document,
    write_changes,
)
from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord
from tests.documents.factories import (
    NOW,
    DocumentFactory,
    EmployeeFactory,
    attachment,
    move_to,
    supplement,
)
from workflows.choices import CaseState

pytestmark = pytest.mark.django_db


class TestOpenDocument:
    def test_fills_in_what_the_system_knows(self, kind):
        actor = EmployeeFactory()
        found = open_document(kind=kind, actor=actor, now=NOW, party="汇银商贸", remark="急")
        found = Document.objects.get(pk=found.pk)
        assert found.doc_no == f"YW-{actor.branch.code}-20261120-001"
        assert found.subject == "汇银商贸-业务申请单-20261120"
        assert (found.handler, found.creator) == (actor, actor)
        assert (found.branch, found.department) == (actor.branch, actor.department)
        assert (found.kind, found.wf_status, found.version) == (kind.code, "DRAFT", 1)

    def test_a_long_name_gives_way_to_kind_and_day(self, kind):
        subject = default_subject(kind, "好" * 120, now=NOW)
        assert len(subject) == 100
        assert subject.endswith("-业务申请单-20261120")

    def test_refuses_a_person_without_a_place(self, kind):
        with pytest.raises(DomainError) as caught:
            open_document(
                kind=kind, actor=EmployeeFactory(branch=None, department=None), now=NOW, party="x"
            )
        assert caught.value.code == "DOC-01"


class TestWriteChanges:
    def test_keeps_each_changed_field_and_raises_the_version(self, document):
        write_changes(
            document=document,
            values={"subject": "新主题", "remark": ""},
            actor=document.handler,
            now=NOW,
            ip="10.0.0.1",
        )
        row = ChangeRecord.objects.get(model="documents.document", object_id=document.pk)
        assert (row.field, row.new, row.ip) == ("subject", "新主题", "10.0.0.1")
        document.refresh_from_db()
        assert (document.version, document.subject) == (2, "新主题")

    def test_writes_nothing_when_nothing_differs(self, document, django_assert_num_queries):
        with django_assert_num_queries(0):
            write_changes(
                document=document,
                values={"subject": document.subject},
                actor=document.handler,
                now=NOW,
            )
        assert document.version == 1


class TestVoidDocument:
    @pytest.mark.parametrize("status", ["DRAFT", "RETURNED", "WITHDRAWN"])
    def test_the_handler_voids_what_he_holds(self, document, status):
        move_to(document, status)
        found = void_document(
            document_id=document.pk, actor=document.handler, now=NOW, reason="客户放弃申请"
        )
        found.refresh_from_db()
        assert (found.wf_status, found.void_reason) == (WfStatus.VOID, "客户放弃申请")
        assert found.case is None or found.case.state == CaseState.VOID
        assert set(ChangeRecord.objects.values_list("field", flat=True)) == {
            "wf_status",
            "void_reason",
        }

    @pytest.mark.parametrize(
        ("status", "code"),
        [
            ("IN_APPROVAL", "WF-05"),
            ("REJECTED", "WF-05"),
            ("VOID", "WF-05"),
            ("APPROVED", "DOC-03"),
        ],
    )
    def test_refuses_every_other_status(self, document, status, code):
        move_to(document, status)
        with pytest.raises(DomainError) as caught:
            void_document(
                document_id=document.pk, actor=document.handler, now=NOW, reason="客户放弃申请"
            )
        assert caught.value.code == code

    @pytest.mark.parametrize(("reason", "code"), [("  短 ", "WF-07"), ("长" * 501, "DOC-04")])
    def test_asks_for_a_reason(self, document, reason, code):
        with pytest.raises(DomainError) as caught:
            void_document(document_id=document.pk, actor=document.handler, now=NOW, reason=reason)
        assert caught.value.code == code

    def test_refuses_a_stranger_and_a_stale_tab(self, document, stranger):
        with pytest.raises(DomainError) as caught:
            void_document(document_id=document.pk, actor=stranger, now=NOW, reason="客户放弃申请")
        assert caught.value.code == "WF-29"
        with pytest.raises(DomainError) as caught:
            void_document(
                document_id=document.pk,
                actor=document.handler,
                now=NOW,
                reason="客户放弃申请",
                seen_version=9,
            )
        assert caught.value.code == "WF-12"


class TestRoutedDocumentKind:
    def test_lists_empty_fields_and_missing_attachments_at_once(self, kind, document):
        attachment(document, category="IDENTITY")
        reasons = kind.check_submission(document, actor=document.handler, now=NOW)
        assert [reason.code for reason in reasons] == ["WF-08", "WF-09"]
        assert str(Document._meta.get_field("remark").verbose_name) in reasons[0].message

    def test_removed_replaced_and_supplementary_files_do_not_count(self, kind, document):
        person = document.handler
        attachment(document, category="IDENTITY", removed_at=NOW, removed_by=person)
        attachment(document, category="IDENTITY", superseded_at=NOW)
        attachment(document, category="PURPOSE", supplement=supplement(document))
        assert len(kind.missing_categories(document)) == 2

    def test_says_nothing_when_all_is_there(self, kind):
        document = DocumentFactory(remark="备注")
        attachment(document, category="IDENTITY")
        attachment(document, category="PURPOSE")
        assert kind.check_submission(document, actor=document.handler, now=NOW) == []

    def test_only_the_handler_submits_and_only_what_he_holds(self, kind, document, stranger):
        [reason] = kind.check_submission(document, actor=stranger, now=NOW)
        assert reason.code == "WF-29"
        [reason] = kind.check_submission(
            move_to(document, "IN_APPROVAL"), actor=document.handler, now=NOW
        )
        assert reason.code == "WF-04"

    def test_sets_the_status_with_one_statement(self, kind, document, django_assert_num_queries):
        held = kind.get(document.pk)
        with django_assert_num_queries(1):
            kind.set_status(held, WfStatus.IN_APPROVAL, case=None, now=NOW)
        document.refresh_from_db()
        assert (document.wf_status, document.version) == ("IN_APPROVAL", 2)

    def test_the_snapshot_is_chinese_and_names_every_file(self, kind, document):
        file = attachment(document, category="PURPOSE")
        sent = supplement(document)
        late = attachment(document, supplement=sent)
        sent.submitted_at = NOW
        sent.save()
        attachment(document, supplement=supplement(document))
        content = kind.snapshot(document)
        assert [field["name"] for field in content["fields"]][:3] == [
            "doc_no",
            "subject",
            "handler",
        ]
        assert [(row["id"], row["supplement"]) for row in content["attachments"]] == [
            (file.pk, None),
            (late.pk, sent.doc_no),
        ]
        assert content["attachments"][0]["sha256"] == file.file.sha256

    def test_does_not_load_another_kind(self, kind):
        with pytest.raises(DomainError) as caught:
            kind.get(DocumentFactory(kind="other").pk)
        assert caught.value.code == "SYS-404"
