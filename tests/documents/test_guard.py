"""N4: a document under approval changes for nobody, neither through services nor by raw SQL."""

from __future__ import annotations

from django.db import IntegrityError, ProgrammingError, transaction

import pytest

from documents.choices import WfStatus
from documents.engine_door import engine_writes
from documents.models import Document
from documents.services.guard import ensure_editable
from lending_crm.common.errors import DomainError
from tests.documents.factories import (
    NOW,
    DocumentFactory,
    attachment,
    move_to,
    raw,
    stored_file,
    supplement,
)

CLOSED = ["IN_APPROVAL", "APPROVED", "REJECTED", "VOID"]


class TestEnsureEditable:
    @pytest.mark.parametrize("status", ["DRAFT", "RETURNED", "WITHDRAWN"])
    def test_lets_the_handler_change_what_he_holds(self, document, status):
        ensure_editable(move_to(document, status), document.handler, seen_version=1)

    def test_refuses_under_approval(self, running):
        with pytest.raises(DomainError) as caught:
            ensure_editable(running, running.handler)
        assert (caught.value.code, caught.value.status) == ("WF-04", 409)

    @pytest.mark.parametrize("status", ["APPROVED", "REJECTED", "VOID"])
    def test_refuses_afterwards_and_names_the_status(self, document, status):
        with pytest.raises(DomainError) as caught:
            ensure_editable(move_to(document, status), document.handler)
        assert caught.value.code == "WF-05"
        assert str(WfStatus(status).label) in caught.value.message

    def test_refuses_anybody_else(self, document, stranger):
        with pytest.raises(DomainError) as caught:
            ensure_editable(document, stranger)
        assert (caught.value.code, caught.value.status) == ("WF-29", 403)

    def test_refuses_a_stale_tab(self, document):
        with pytest.raises(DomainError) as caught:
            ensure_editable(document, document.handler, seen_version=0)
        assert caught.value.code == "WF-12"


class TestDocumentTrigger:
    """N4 in the database."""

    @pytest.mark.parametrize("status", CLOSED)
    @pytest.mark.parametrize(
        "change",
        [
            "subject = 'other'",
            "remark = 'x'",
            "handler_id = creator_id + 1",
            "doc_no = 'X-1'",
            "kind = 'other'",
            "void_reason = 'x'",
        ],
    )
    def test_refuses_raw_changes_once_submitted(self, document, status, change):
        move_to(document, status)
        with pytest.raises(IntegrityError, match="WF-04"), transaction.atomic():
            raw(f"UPDATE documents_document SET {change} WHERE id = %s", document.pk)

    def test_refuses_bulk_updates_of_the_orm(self, running):
        with pytest.raises(IntegrityError), transaction.atomic():
            Document.objects.filter(pk=running.pk).update(subject="other")
        running.subject = "other"
        with pytest.raises(IntegrityError), transaction.atomic():
            running.save()

    def test_lets_the_engine_move_the_status(self, running):
        Document.objects.filter(pk=running.pk).update(
            wf_status="RETURNED", version=2, updated_at=NOW
        )
        Document.objects.filter(pk=running.pk).update(subject="corrected")

    def test_lets_a_draft_change(self, document):
        Document.objects.filter(pk=document.pk).update(subject="other", remark="x")

    @pytest.mark.parametrize(
        ("status", "other"),
        [
            ("REJECTED", "DRAFT"),
            ("VOID", "DRAFT"),
            ("APPROVED", "RETURNED"),
            ("APPROVED", "IN_APPROVAL"),
            ("APPROVED", "VOID"),
            ("REJECTED", "IN_APPROVAL"),
        ],
    )
    def test_a_decision_is_final(self, document, status, other):
        move_to(document, status)
        with pytest.raises(IntegrityError, match="which is final"), transaction.atomic():
            raw("UPDATE documents_document SET wf_status = %s WHERE id = %s", other, document.pk)

    @pytest.mark.parametrize("status", ["DRAFT", *CLOSED])
    def test_is_never_deleted(self, document, status):
        move_to(document, status)
        with pytest.raises(ProgrammingError), transaction.atomic():
            raw("DELETE FROM documents_document WHERE id = %s", document.pk)


class TestAttachmentTrigger:
    @pytest.mark.parametrize("status", CLOSED)
    def test_refuses_a_new_row_once_submitted(self, document, status):
        move_to(document, status)
        with pytest.raises(IntegrityError, match="WF-04"), transaction.atomic():
            attachment(document)

    @pytest.mark.parametrize("change", ["title = 'x'", "removed_at = now(), removed_by_id = 1"])
    def test_refuses_changes_once_submitted(self, document, change):
        row = attachment(document)
        move_to(document, "IN_APPROVAL")
        with pytest.raises(IntegrityError, match="WF-04"), transaction.atomic():
            raw(f"UPDATE documents_attachment SET {change} WHERE id = %s", row.pk)

    def test_never_swaps_the_file_of_a_version(self, document):
        row = attachment(document)
        with pytest.raises(IntegrityError, match="ATT-01"), transaction.atomic():
            raw("UPDATE documents_attachment SET file_id = %s", stored_file().pk)
        with pytest.raises(ProgrammingError), transaction.atomic():
            row.delete()

    def test_a_supplement_takes_rows_until_it_is_submitted(self, running):
        draft = supplement(running)
        row = attachment(running, supplement=draft)
        draft.submitted_at = NOW
        draft.save()
        with pytest.raises(IntegrityError, match="SUP-03"), transaction.atomic():
            attachment(running, supplement=draft)
        with pytest.raises(IntegrityError, match="SUP-03"), transaction.atomic():
            raw("UPDATE documents_attachment SET title = 'x' WHERE id = %s", row.pk)

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE documents_supplement SET note = 'x'",
            "UPDATE documents_supplement SET submitted_at = NULL",
            "DELETE FROM documents_supplement",
        ],
    )
    def test_a_submitted_supplement_is_read_only(self, running, sql):
        supplement(running, submitted_at=NOW)
        with pytest.raises(ProgrammingError), transaction.atomic():
            raw(sql)


class TestEngineWrites:
    def test_opens_and_closes_the_door(self, running):
        with transaction.atomic():
            with engine_writes():
                with engine_writes():
                    pass
                Document.objects.filter(pk=running.pk).update(remark="approved terms")
            with pytest.raises(IntegrityError), transaction.atomic():
                Document.objects.filter(pk=running.pk).update(remark="again")

    def test_a_refusal_inside_closes_it_with_its_savepoint(self, running):
        with pytest.raises(LookupError), transaction.atomic(), engine_writes():
            raise LookupError
        with pytest.raises(IntegrityError), transaction.atomic():
            Document.objects.filter(pk=running.pk).update(remark="x")

    @pytest.mark.django_db(transaction=True)
    def test_needs_a_transaction(self, db):
        with pytest.raises(RuntimeError), engine_writes():
            pass


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
class TestSubmissionRace:
    def test_a_row_that_comes_with_the_submission_waits_and_is_refused(self, kind):
        """The trigger waits for the submitting transaction, then sees its status."""
        import threading

        from django.db import connection

        document = DocumentFactory()
        file, seen, locked = stored_file(), [], threading.Event()
        values = {
            "document": document,
            "category": "OTHER",
            "title": "t",
            "file": file,
            "file_name": "a.pdf",
            "uploaded_by": document.handler,
            "uploaded_at": NOW,
        }

        def attach() -> None:
            from documents.models import Attachment

            locked.wait()
            try:
                Attachment.objects.create(**values)
            except IntegrityError as error:
                seen.append(str(error))
            finally:
                connection.close()

        thread = threading.Thread(target=attach)
        thread.start()
        with transaction.atomic():
            held = kind.lock(document.pk)
            locked.set()
            thread.join(0.3)
            assert thread.is_alive()
            kind.set_status(held, WfStatus.IN_APPROVAL, case=None, now=NOW)
        thread.join()
        assert "WF-04" in seen[0]
