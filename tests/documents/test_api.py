"""The same services and rules through the REST API; refusals are problem documents."""

from __future__ import annotations

from rest_framework.test import APIClient

import pytest

from documents.models import Attachment, Supplement
from documents.services import supplements as acts
from tests.documents.factories import (
    NOW,
    PDF,
    DocumentFactory,
    attachment,
    move_to,
    supplement,
    upload,
)

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.documents.api_urls")]


def client_of(person) -> APIClient:
    client = APIClient(HTTP_ACCEPT_LANGUAGE="en")
    client.force_authenticate(person)
    return client


@pytest.fixture
def api(document) -> APIClient:
    return client_of(document.handler)


def base(document) -> str:
    return f"/api/v1/test-documents/{document.pk}"


def problem(response, status, code):
    assert response.status_code == status, response.content
    assert response["Content-Type"].startswith("application/problem+json")
    assert response.json()["code"] == code
    assert response.json()["detail"]


class TestAttachments:
    def add(self, api, document, **values):
        body = {"title": "执照", "category": "IDENTITY", "file": upload(), **values}
        return api.post(f"{base(document)}/attachments/", body, format="multipart")

    def test_add_list_replace_download_remove(self, api, document):
        response = self.add(api, document)
        assert response.status_code == 201, response.content
        first = response.json()
        assert (first["version"], first["size"], first["mime"]) == (1, len(PDF), "application/pdf")
        listed = api.get(f"{base(document)}/attachments/").json()
        assert listed["may_edit"]
        assert [row["id"] for row in listed["results"]] == [first["id"]]
        assert [c["code"] for c in listed["categories"] if c["is_missing"]] == ["PURPOSE"]
        one = f"{base(document)}/attachments/{first['id']}"
        new = api.post(f"{one}/versions/", {"file": upload()}, format="multipart").json()
        assert new["version"] == 2
        assert len(api.get(f"{one}/").json()) == 2
        content = api.get(f"{one}/content/")
        assert b"".join(content.streaming_content) == PDF
        new_one = f"{base(document)}/attachments/{new['id']}/"
        assert api.delete(new_one).status_code == 204
        problem(api.delete(new_one), 404, "SYS-404")

    @pytest.mark.parametrize(
        ("values", "status", "code"),
        [
            ({"file": upload("a.exe", b"MZ")}, 422, "ATT-02"),
            ({"file": upload("a.pdf", b"")}, 422, "ATT-02"),
            ({"category": "X"}, 422, "ATT-03"),
            ({"title": "长" * 101}, 422, "DOC-04"),
            ({"file": "no file"}, 400, "SYS-400"),
            ({"title": ""}, 400, "SYS-400"),
            ({"title": "a\x00"}, 400, "SYS-400"),
        ],
    )
    def test_bad_input_is_a_problem(self, api, document, values, status, code):
        problem(self.add(api, document, **values), status, code)
        assert not Attachment.objects.exists()

    def test_n4_refuses_every_change_under_approval(self, api, document):
        row = attachment(document)
        move_to(document, "IN_APPROVAL")
        one = f"{base(document)}/attachments/{row.pk}"
        problem(self.add(api, document), 409, "ATT-01")
        problem(api.delete(f"{one}/"), 409, "ATT-01")
        version = api.post(f"{one}/versions/", {"file": upload()}, format="multipart")
        problem(version, 409, "ATT-01")

    def test_n26_a_stranger_finds_nothing(self, document, stranger):
        row = attachment(document)
        api = client_of(stranger)
        for url in (
            "attachments/",
            f"attachments/{row.pk}/",
            f"attachments/{row.pk}/content/",
            "supplements/",
        ):
            problem(api.get(f"{base(document)}/{url}"), 404, "SYS-404")
        problem(self.add(api, document), 404, "SYS-404")

    def test_another_kind_is_not_found_here(self, document, kind):
        from documents.api.views import AttachmentCollection
        from lending_crm.common.errors import DomainError

        view = AttachmentCollection(kind="other")
        view.kwargs = {"document_id": document.pk}
        view.request = type("R", (), {"user": document.handler})()
        with pytest.raises(DomainError):
            view.document()


class TestSupplements:
    def test_create_fill_submit(self, running, monkeypatch):
        told = []
        monkeypatch.setattr(acts, "record_supplement", lambda **values: told.append(values))
        api = client_of(running.handler)
        all_of_them = f"{base(running)}/supplements/"
        draft = api.post(all_of_them, {"subject": "补充流水"}).json()
        one = f"{all_of_them}{draft['id']}/"
        problem(api.post(f"{one}submit/"), 422, "SUP-02")
        body = {"title": "流水", "category": "OTHER", "file": upload()}
        row = api.post(f"{one}files/", body, format="multipart").json()
        assert api.delete(f"{one}files/{row['id']}/").status_code == 204
        problem(api.delete(f"{one}files/{row['id']}/"), 404, "SYS-404")
        body["file"] = upload()
        api.post(f"{one}files/", body, format="multipart")
        assert api.put(one, {"subject": "补充银行流水", "note": "Q3"}).json()["note"] == "Q3"
        sent = api.post(f"{one}submit/").json()
        assert (sent["is_draft"], len(sent["files"]), len(told)) == (False, 1, 1)
        problem(api.post(f"{one}submit/"), 409, "SUP-03")
        problem(api.delete(one), 409, "SUP-03")
        assert [row["doc_no"] for row in api.get(all_of_them).json()] == [draft["doc_no"]]
        assert api.get(one).status_code == 200

    def test_discards_a_draft(self, running):
        api = client_of(running.handler)
        draft = supplement(running)
        one = f"{base(running)}/supplements/{draft.pk}/"
        assert api.delete(one).status_code == 204
        problem(api.get(one), 404, "SYS-404")

    def test_only_for_open_cases(self, api, document):
        response = api.post(f"{base(document)}/supplements/", {"subject": "x"})
        problem(response, 409, "SUP-01")

    @pytest.mark.parametrize("body", [{}, {"subject": ["x"]}, {"subject": {"a": 1}}, [1], "x"])
    def test_bad_input_is_a_problem(self, running, body):
        response = client_of(running.handler).post(f"{base(running)}/supplements/", body)
        problem(response, 400, "SYS-400")
        assert not Supplement.objects.exists()

    def test_not_through_another_document(self, running):
        other = move_to(DocumentFactory(handler=running.handler), "IN_APPROVAL")
        sent = supplement(running, submitted_at=NOW)
        response = client_of(running.handler).get(f"{base(other)}/supplements/{sent.pk}/")
        problem(response, 404, "SYS-404")
