"""M9: files of a document, their versions, and who may touch them."""

from __future__ import annotations

import pytest

from documents.files.storage import path_of
from documents.models import Attachment, DownloadLog
from documents.selectors import attachment_panel
from documents.services.attachments import (
    add_attachment,
    remove_attachment,
    replace_attachment,
)
from documents.services.downloads import hand_out
from documents.services.files import store_upload
from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord
from tests.documents.factories import (
    NOW,
    PDF,
    EmployeeFactory,
    attachment,
    image,
    move_to,
    supplement,
    upload,
)

pytestmark = pytest.mark.django_db
CLOSED = [
    ("IN_APPROVAL", "ATT-01"),
    ("APPROVED", "WF-05"),
    ("REJECTED", "WF-05"),
    ("VOID", "WF-05"),
]


def add(document, **values):
    return add_attachment(
        document_id=document.pk,
        actor=values.pop("actor", document.handler),
        now=NOW,
        title=values.pop("title", "身份证"),
        category=values.pop("category", "IDENTITY"),
        upload=values.pop("upload", None) or upload("身份证.pdf"),
        **values,
    )


class TestAddAttachment:
    def test_keeps_the_file_and_the_change(self, document):
        row = add(document, ip="10.0.0.1")
        assert (row.title, row.version, row.is_current) == ("身份证", 1, True)
        assert path_of(row.file.sha256).read_bytes() == PDF
        change = ChangeRecord.objects.get()
        assert (change.field, change.old, change.ip) == ("attachments", "", "10.0.0.1")
        assert "身份证.pdf" in change.new

    @pytest.mark.parametrize(("status", "code"), CLOSED)
    def test_refuses_once_submitted_and_keeps_no_bytes(self, document, status, code, media):
        move_to(document, status)
        with pytest.raises(DomainError) as caught:
            add(document)
        assert caught.value.code == code
        assert not media.exists()

    def test_refuses_anybody_but_the_handler(self, document, stranger):
        with pytest.raises(DomainError) as caught:
            add(document, actor=stranger)
        assert caught.value.code == "WF-29"

    def test_names_everything_that_is_wrong_with_the_labels(self, document):
        with pytest.raises(DomainError) as caught:
            add(document, title=" \x00\u202e ", category="FINANCIALS")
        assert [(r.code, r.field) for r in caught.value.reasons] == [
            ("ATT-03", "category"),
            ("ATT-04", "title"),
        ]

    def test_refuses_a_title_that_is_too_long(self, document):
        with pytest.raises(DomainError) as caught:
            add(document, title="长" * 101)
        assert (caught.value.code, caught.value.field) == ("DOC-04", "title")

    def test_refuses_a_bad_file_and_attaches_nothing(self, document):
        with pytest.raises(DomainError) as caught:
            add(document, upload=upload("a.pdf", b"MZ"))
        assert caught.value.code == "ATT-02"
        assert not Attachment.objects.exists()

    def test_att_01_checks_again_when_the_document_went_meanwhile(self, document, monkeypatch):
        def submit_meanwhile(*args, **kwargs):
            move_to(document, "IN_APPROVAL")
            return store_upload(*args, **kwargs)

        monkeypatch.setattr("documents.services.attachments.store_upload", submit_meanwhile)
        with pytest.raises(DomainError) as caught:
            add(document)
        assert caught.value.code == "ATT-01"


class TestReplaceAttachment:
    def test_the_old_file_stays_as_a_version(self, document):
        first = add(document)
        second = replace_attachment(
            attachment_id=first.pk,
            actor=document.handler,
            now=NOW,
            upload=upload("新身份证.pdf", PDF + b"2"),
        )
        first.refresh_from_db()
        assert (second.version, second.series, second.title) == (2, first.series, "身份证")
        assert first.superseded_at == NOW
        assert path_of(first.file.sha256).exists()
        [group] = [g for g in attachment_panel(document, document.handler).groups if g.rows]
        assert group.rows[0].current == second
        assert group.rows[0].earlier == [first]

    def test_only_one_of_two_tabs_replaces_it(self, document):
        first = add(document)
        values = {"attachment_id": first.pk, "actor": document.handler, "now": NOW}
        replace_attachment(**values, upload=upload())
        with pytest.raises(DomainError) as caught:
            replace_attachment(**values, upload=upload())
        assert caught.value.code == "ATT-05"

    @pytest.mark.parametrize(("status", "code"), CLOSED)
    def test_refuses_once_submitted(self, document, status, code):
        row = add(document)
        move_to(document, status)
        with pytest.raises(DomainError) as caught:
            replace_attachment(
                attachment_id=row.pk, actor=document.handler, now=NOW, upload=upload()
            )
        assert caught.value.code == code


class TestRemoveAttachment:
    def test_takes_it_off_and_keeps_its_row(self, document):
        row = add(document)
        remove_attachment(attachment_id=row.pk, actor=document.handler, now=NOW)
        row.refresh_from_db()
        assert (row.removed_at, row.removed_by) == (NOW, document.handler)
        assert attachment_panel(document, document.handler).count == 0
        assert ChangeRecord.objects.latest("id").new == ""

    def test_a_removed_one_does_not_bring_its_earlier_version_back(self, document):
        first = add(document)
        second = replace_attachment(
            attachment_id=first.pk, actor=document.handler, now=NOW, upload=upload()
        )
        remove_attachment(attachment_id=second.pk, actor=document.handler, now=NOW)
        assert attachment_panel(document, document.handler).count == 0

    @pytest.mark.parametrize(("status", "code"), CLOSED)
    def test_refuses_once_submitted(self, document, status, code):
        row = attachment(document)
        move_to(document, status)
        with pytest.raises(DomainError) as caught:
            remove_attachment(attachment_id=row.pk, actor=document.handler, now=NOW)
        assert caught.value.code == code

    def test_refuses_twice_and_a_stranger(self, document, stranger):
        row = add(document)
        with pytest.raises(DomainError) as caught:
            remove_attachment(attachment_id=row.pk, actor=stranger, now=NOW)
        assert caught.value.code == "WF-29"
        remove_attachment(attachment_id=row.pk, actor=document.handler, now=NOW)
        with pytest.raises(DomainError) as caught:
            remove_attachment(attachment_id=row.pk, actor=document.handler, now=NOW)
        assert caught.value.code == "ATT-05"

    def test_never_an_original_through_a_supplement(self, running):
        row = attachment(running, supplement=supplement(running))
        with pytest.raises(DomainError) as caught:
            remove_attachment(attachment_id=row.pk, actor=running.handler, now=NOW)
        assert caught.value.code == "SUP-03"


class TestAttachmentPanel:
    def test_marks_what_is_required_and_missing_with_one_query(
        self, document, django_assert_num_queries
    ):
        add(document)
        for number in range(5):
            attachment(document, title=f"其他{number}")
        with django_assert_num_queries(1):
            panel = attachment_panel(document, document.handler)
            [str(row.current.uploaded_by) for group in panel.groups for row in group.rows]
        assert [(g.category.code, g.is_required, g.is_missing) for g in panel.groups] == [
            ("IDENTITY", True, False),
            ("PURPOSE", True, True),
            ("OTHER", False, False),
        ]
        assert panel.may_edit

    def test_shows_an_attachment_whose_category_is_no_longer_offered(self, document):
        attachment(document, category="GONE")
        assert attachment_panel(document, document.handler).groups[-1].category.code == "GONE"


class TestHandOut:
    def test_is_logged(self, document):
        row = add(document)
        reader = EmployeeFactory()
        out = hand_out(
            file=row.file,
            file_name=row.file_name,
            attachment=row,
            actor=reader,
            now=NOW,
            ip="10.0.0.2",
        )
        assert out.stream.read() == PDF
        log = DownloadLog.objects.get()
        assert (log.actor, log.attachment, log.ip, log.is_preview) == (
            reader,
            row,
            "10.0.0.2",
            False,
        )

    def test_marks_images_with_the_reader(self, document):
        content = image()
        row = add(document, upload=upload("证件.jpg", content))
        out = hand_out(
            file=row.file,
            file_name=row.file_name,
            actor=EmployeeFactory(),
            now=NOW,
            is_preview=True,
        )
        assert out.stream.read() != content
        assert out.is_preview

    def test_never_shows_in_the_page_what_is_neither_image_nor_pdf(self, document):
        row = attachment(document)
        row.file.extension, row.file.mime = "zip", "application/zip"
        path = path_of(row.file.sha256)
        path.parent.mkdir(parents=True)
        path.write_bytes(PDF)
        out = hand_out(
            file=row.file, file_name="a.zip", actor=EmployeeFactory(), now=NOW, is_preview=True
        )
        assert not out.is_preview
