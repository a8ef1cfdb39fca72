"""The pages: what each may see, what each may do, and every refusal as a sentence."""

from __future__ import annotations

from urllib.parse import quote

from django.urls import reverse

import pytest

from documents.models import Attachment, DownloadLog, Supplement, SupplementRead
from documents.services.attachments import add_attachment
from staff.selectors import roles_of
from tests.documents.factories import (
    NOW,
    PDF,
    BranchFactory,
    DepartmentFactory,
    DocumentFactory,
    EmployeeFactory,
    attachment,
    give_role,
    image,
    move_to,
    supplement,
    upload,
    zipped,
)
from workflows.models import CaseCopy

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_ACCEPT_LANGUAGE": "en"}


@pytest.fixture
def as_handler(client, document):
    client.force_login(document.handler)
    return client


def login(client, person):
    client.force_login(person)
    return client


def stored(document, name="营业执照.pdf", content=PDF, title="执照"):
    return add_attachment(
        document_id=document.pk,
        actor=document.handler,
        now=NOW,
        title=title,
        category="IDENTITY",
        upload=upload(name, content),
    )


class TestBranchIsolation:
    """N26: what belongs to branch A is a 404 for branch B, file addresses included."""

    def urls(self, document):
        row = attachment(document)
        move_to(document, "IN_APPROVAL")
        sent = supplement(document, submitted_at=NOW)
        own = {"document_id": document.pk}
        return [
            reverse("documents:attachments", kwargs=own),
            reverse("documents:attachment", kwargs={**own, "attachment_id": row.pk}),
            reverse("documents:attachment_preview", kwargs={**own, "attachment_id": row.pk}),
            reverse("documents:supplement_panel", kwargs=own),
            reverse("documents:supplement", kwargs={"supplement_id": sent.pk}),
            reverse("documents:supplement_new") + f"?document={document.pk}",
        ]

    def test_the_other_branch_gets_404_everywhere(self, client, document, roles):
        other = DepartmentFactory(branch=BranchFactory())
        people = [
            EmployeeFactory(department=other),
            give_role(EmployeeFactory(department=other), "BRM", branch=other.branch),
            give_role(
                EmployeeFactory(department=other), "TL", branch=other.branch, department=other
            ),
            give_role(EmployeeFactory(), "ADM"),
            give_role(EmployeeFactory(), "ARD"),
            give_role(EmployeeFactory(), "RC"),
        ]
        urls = self.urls(document)
        for person in people:
            for url in urls:
                assert login(client, person).get(url).status_code == 404, (person, url)
        post = reverse("documents:attachments", kwargs={"document_id": document.pk})
        assert client.post(post, {"file": upload()}).status_code == 404

    def test_a_file_is_not_reached_through_another_document(self, client, document):
        row = attachment(document)
        own = DocumentFactory()
        url = reverse("documents:attachment", args=[own.pk, row.pk])
        assert login(client, own.handler).get(url).status_code == 404

    @pytest.mark.parametrize("role", ["TL", "BRM", "BGM", "HRM", "PLM", "FIN", "CEO"])
    def test_those_in_scope_see_it(self, client, document, roles, role):
        scope = {
            "TL": {"branch": document.branch, "department": document.department},
            "BRM": {"branch": document.branch},
            "BGM": {"branch": document.branch},
        }
        reader = give_role(EmployeeFactory(), role, **scope.get(role, {}))
        url = reverse("documents:attachments", args=[document.pk])
        assert login(client, reader).get(url).status_code == 200

    def test_who_got_a_copy_sees_it(self, client, running, stranger):
        url = reverse("documents:attachments", args=[running.pk])
        assert login(client, stranger).get(url).status_code == 404
        CaseCopy.objects.create(case=running.case, recipient=stranger, sent_at=NOW)
        assert client.get(url).status_code == 200

    def test_the_list_shows_only_what_may_be_seen(self, client, running, stranger):
        sent = supplement(running, submitted_at=NOW)
        url = reverse("documents:supplements")
        assert sent.doc_no not in login(client, stranger).get(url).content.decode()
        assert sent.doc_no in login(client, running.handler).get(url).content.decode()

    def test_nobody_without_login(self, client, document):
        response = client.get(reverse("documents:attachments", args=[document.pk]))
        assert response.status_code == 302


class TestUpload:
    def post(self, client, document, **values):
        values.setdefault("category", "IDENTITY")
        url = reverse("documents:attachments", args=[document.pk])
        return client.post(url, values, **HTMX)

    def test_answers_with_the_panel(self, as_handler, document):
        response = self.post(as_handler, document, title="身份证", file=upload("a.pdf"))
        assert response.status_code == 200
        assert "身份证" in response.content.decode()
        assert "toast" in response.headers["HX-Trigger"]
        row = Attachment.objects.get()
        assert row.uploaded_by == document.handler

    def test_an_empty_title_is_the_name_of_the_file(self, as_handler, document):
        self.post(as_handler, document, title=" ", file=upload("营业执照 副本.pdf"))
        assert Attachment.objects.get().title == "营业执照 副本"

    @pytest.mark.parametrize(
        ("values", "status", "code"),
        [
            ({}, 422, "ATT-06"),
            ({"file": ("a.exe", b"MZ")}, 422, "ATT-02"),
            ({"file": ("a.pdf", b"<html>")}, 422, "ATT-02"),
            ({"file": ("a.zip", zipped(("0", bytes(60 * 2**20))))}, 422, "ATT-02"),
            ({"file": ("a.pdf", PDF), "category": "NONE"}, 422, "ATT-03"),
            ({"file": ("a.pdf", PDF), "category": "x" * 5000}, 422, "ATT-03"),
            ({"file": ("a.pdf", PDF), "title": "长" * 300}, 422, "DOC-04"),
            ({"file": ("a.pdf", PDF), "title": "a\x00\u202eb<script>"}, 200, ""),
            ({"file": "text, no file"}, 422, "ATT-06"),
        ],
    )
    def test_refuses_with_the_code_in_a_sentence(self, as_handler, document, values, status, code):
        if isinstance(values.get("file"), tuple):
            values = {**values, "file": upload(*values["file"])}
        response = self.post(as_handler, document, **values)
        assert response.status_code == status
        body = response.content.decode()
        if code:
            assert f'data-refusal="{code}"' in body
            assert not Attachment.objects.exists()
        else:
            assert "<script>" not in body

    def test_without_htmx_it_goes_back_to_the_document(self, as_handler, document):
        url = reverse("documents:attachments", args=[document.pk])
        response = as_handler.post(url, {"category": "IDENTITY", "file": upload()})
        assert response.status_code == 302

    @pytest.mark.parametrize("act", ["attachment_replace", "attachment_remove"])
    def test_under_approval_every_act_is_refused(self, as_handler, document, act):
        row = attachment(document)
        move_to(document, "IN_APPROVAL")
        url = reverse(f"documents:{act}", args=[document.pk, row.pk])
        response = as_handler.post(url, {"file": upload()}, **HTMX)
        assert response.status_code == 409
        assert 'data-refusal="ATT-01"' in response.content.decode()

    def test_a_colleague_who_sees_it_may_not_add(self, client, document, roles):
        reader = give_role(EmployeeFactory(), "HRM")
        response = self.post(login(client, reader), document, file=upload())
        assert response.status_code == 403
        assert 'data-refusal="WF-29"' in response.content.decode()

    def test_replaces_and_removes(self, as_handler, document):
        row = stored(document)
        replace = reverse("documents:attachment_replace", args=[document.pk, row.pk])
        assert as_handler.post(replace, {"file": upload()}, **HTMX).status_code == 200
        new = Attachment.objects.get(version=2)
        remove = reverse("documents:attachment_remove", args=[document.pk, new.pk])
        assert as_handler.post(remove, **HTMX).status_code == 200
        assert as_handler.post(remove, **HTMX).status_code == 404

    @pytest.mark.parametrize("number", [0, 2**31, 2**63, 10**30])
    def test_absurd_ids_are_404(self, as_handler, number):
        for url in (
            f"/documents/{number}/attachments/",
            f"/documents/1/attachments/{number}/",
            f"/documents/supplements/{number}/",
        ):
            assert as_handler.get(url).status_code == 404

    def test_the_panel_costs_three_queries(self, document, django_assert_num_queries, rf):
        from documents.views import attachments as views

        for number in range(6):
            attachment(document, title=f"{number}")
        request = rf.get("/")
        request.user, request.htmx = document.handler, True
        roles_of(request.user)
        with django_assert_num_queries(3):
            views.attachments(request, document.pk)


class TestDownload:
    def get(self, client, document, row, query=""):
        return client.get(reverse("documents:attachment", args=[document.pk, row.pk]) + query)

    def test_sends_the_file_under_its_chinese_name_and_logs_it(self, as_handler, document):
        row = stored(document)
        response = self.get(as_handler, document, row)
        assert b"".join(response.streaming_content) == PDF
        assert response["Content-Disposition"] == (
            f"attachment; filename*=utf-8''{quote('营业执照.pdf')}"
        )
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response["Content-Security-Policy"]
        assert response["Cache-Control"] == "private, no-store"
        log = DownloadLog.objects.get()
        assert (log.actor, log.attachment, log.ip) == (document.handler, row, "127.0.0.1")

    def test_shows_pdf_in_the_page_without_script(self, as_handler, document):
        response = self.get(as_handler, document, stored(document), "?preview=1")
        assert response["Content-Disposition"].startswith("inline")
        assert response["Content-Security-Policy"].startswith("default-src 'none'")
        assert DownloadLog.objects.get().is_preview

    def test_never_shows_a_zip_in_the_page(self, as_handler, document):
        row = stored(document, "a.zip", zipped(("index.html", b"<script>")))
        response = self.get(as_handler, document, row, "?preview=1")
        assert response["Content-Disposition"].startswith("attachment")

    def test_marks_pictures(self, as_handler, document):
        content = image()
        row = stored(document, "证件.jpg", content)
        response = self.get(as_handler, document, row, "?preview=1")
        sent = b"".join(response.streaming_content)
        assert sent.startswith(b"\xff\xd8")
        assert sent != content

    def test_a_lost_file_is_a_sentence(self, as_handler, document):
        response = self.get(as_handler, document, attachment(document))
        assert response.status_code == 404
        assert "FIL-02" in response.content.decode()

    def test_a_removed_file_stays_evidence_for_head_office(self, client, document, roles):
        row = stored(document)
        row.removed_at, row.removed_by = NOW, document.handler
        row.save()
        assert self.get(login(client, document.handler), document, row).status_code == 404
        reader = give_role(EmployeeFactory(), "HRM")
        assert self.get(login(client, reader), document, row).status_code == 200

    def test_a_draft_supplement_is_its_authors_alone(self, client, running, roles):
        draft = supplement(running)
        row = attachment(running, supplement=draft)
        reader = give_role(EmployeeFactory(), "HRM")
        assert self.get(login(client, reader), running, row).status_code == 404

    def test_the_dialog_shows_versions_and_readers(self, as_handler, document):
        row = stored(document)
        self.get(as_handler, document, row)
        url = reverse("documents:attachment_preview", args=[document.pk, row.pk])
        body = as_handler.get(url, **HTMX).content.decode()
        assert row.file.sha256 in body
        assert "/replace/" in body


class TestSupplementPages:
    def test_from_the_document_to_the_submitted_supplement(self, client, running, monkeypatch):
        from documents.services import supplements as acts

        monkeypatch.setattr(acts, "record_supplement", lambda **_values: None)
        login(client, running.handler)
        new = reverse("documents:supplement_new")
        page = client.get(f"{new}?document={running.pk}")
        assert page.status_code == 200
        assert page.context["form"].initial["document"] == running.pk
        response = client.post(
            new, {"document": running.pk, "subject": "补充流水", "note": "第三季度"}
        )
        draft = Supplement.objects.get()
        detail = reverse("documents:supplement", args=[draft.pk])
        assert response.url == detail
        refused = client.post(reverse("documents:supplement_submit", args=[draft.pk]), **HTMX)
        assert 'data-refusal="SUP-02"' in refused.content.decode()
        add = reverse("documents:supplement_add_file", args=[draft.pk])
        answer = client.post(add, {"category": "OTHER", "file": upload("流水.pdf")}, **HTMX)
        assert "流水.pdf" in answer.content.decode()
        assert client.post(detail, {"subject": "补充银行流水", "note": ""}).status_code == 302
        client.post(reverse("documents:supplement_submit", args=[draft.pk]))
        draft.refresh_from_db()
        assert (draft.subject, draft.is_draft) == ("补充银行流水", False)
        assert client.get(detail).status_code == 200
        late = client.post(detail, {"subject": "x"}, HTTP_ACCEPT_LANGUAGE="en")
        assert late.status_code == 409
        assert "SUP-03" in late.content.decode()

    def test_opening_it_counts_it_as_read(self, client, running, roles):
        sent = supplement(running, submitted_at=NOW)
        reader = give_role(EmployeeFactory(), "HRM")
        login(client, reader)
        assert (
            "+1"
            in client.get(reverse("documents:supplement_panel", args=[running.pk])).content.decode()
        )
        client.get(reverse("documents:supplement", args=[sent.pk]))
        assert SupplementRead.objects.get().reader == reader

    def test_refuses_a_document_that_is_not_under_approval(self, as_handler, document):
        new = reverse("documents:supplement_new")
        response = as_handler.get(f"{new}?document={document.pk}")
        assert response.status_code == 409
        assert "SUP-01" in response.content.decode()
        response = as_handler.post(new, {"document": document.pk, "subject": "x"})
        assert response.status_code == 422

    @pytest.mark.parametrize(
        "values",
        [
            {},
            {"document": "x", "subject": "x"},
            {"document": 2**70, "subject": "x"},
            {"subject": "x" * 101},
            {"subject": "\x00"},
            {"note": "x" * 3000},
        ],
    )
    def test_bad_input_comes_back_in_the_form(self, client, running, values):
        response = login(client, running.handler).post(
            reverse("documents:supplement_new"), {"document": running.pk, **values}
        )
        assert response.status_code == 422
        assert not Supplement.objects.exists()

    def test_a_removed_file_and_a_discarded_draft_are_gone(self, client, running):
        draft = supplement(running)
        row = attachment(running, supplement=draft)
        login(client, running.handler)
        remove = reverse("documents:supplement_remove_file", args=[draft.pk, row.pk])
        assert client.post(remove, **HTMX).status_code == 200
        assert client.post(remove, **HTMX).status_code == 409
        client.post(reverse("documents:supplement_discard", args=[draft.pk]))
        assert client.get(reverse("documents:supplement", args=[draft.pk])).status_code == 404

    def test_the_list_filters_and_keeps_its_query_count(
        self, client, running, django_assert_num_queries
    ):
        for number in range(5):
            supplement(running, submitted_at=NOW if number % 2 else None)
        login(client, running.handler)
        url = reverse("documents:supplements")
        client.get(url)  # the first page of a session also writes the session
        with django_assert_num_queries(7):
            page = client.get(url).context["page"]
        assert len(page.items) == 5
        assert len(client.get(f"{url}?state=submitted").context["page"].items) == 2
        assert client.get(f"{url}?q=%00%F0%9F%98%80&cursor=zzz").status_code == 200
        assert len(client.get(f"{url}?q={running.doc_no}").context["page"].items) == 5
