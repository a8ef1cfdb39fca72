"""A whole case leaves the system as files that can be checked without it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, transaction

import pytest

from documents.choices import ExportForm
from documents.files.storage import path_of
from documents.models import Attachment, AuditExport
from documents.services import audit
from documents.services.attachments import add_attachment
from documents.tasks import build_export, forget_exports
from lending_crm.common.errors import DomainError
from lending_crm.common.models import OutboxMessage
from lending_crm.common.services import deliver_due
from lending_verify.pack import check_file
from staff.models import Employee
from tests.documents.factories import upload
from tests.staff.factories import BranchFactory, DepartmentFactory, person
from tests.workflows.pages import browser, statements, text_of
from tests.workflows.test_demands import sign
from tests.workflows.world import NOW, World, by_role, fresh, stage
from workflows.bpmn.model import DecideMode, RoleReach
from workflows.models import Case

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def world(db: None) -> World:
    return World()


@pytest.fixture
def case(world: World) -> Case:
    """Decided once, with two attachments and a name that no font could print."""
    document = world.document(note="第一次 \u0378 申请")
    for title, content in (
        ("营业执照", b"%PDF-1.4 one\n%%EOF\n"),
        ("合同", b"%PDF-1.4 two\n%%EOF\n"),
    ):
        add_attachment(
            document_id=document.pk, actor=fresh(world.am), now=NOW, title=title,
            category="OTHER", upload=upload(f"{title}.pdf", content),
        )  # fmt: skip
    case = world.submit(document)
    return world.approve(case, world.tl, opinion="同意,材料齐全")


def export(case: Case, who: Employee, form: str = "PACK") -> AuditExport:
    return audit.request_export(case_id=case.pk, form=form, actor=fresh(who), now=LATER)


def fetched(found: AuditExport, who: Employee, folder: Path) -> Path:
    _export, stream = audit.open_export(export_id=found.pk, actor=fresh(who))
    path = folder / f"export.{found.form.lower()}"
    with stream:
        path.write_bytes(stream.read())
    return path


def elsewhere(role: str) -> Employee:
    """Somebody of another branch."""
    branch = BranchFactory()
    return person(role, branch=branch, department=DepartmentFactory(branch=branch))


def only_asked(case: Case) -> Employee:
    """Somebody of another branch whom the open step asks."""
    asked = elsewhere("BRM")
    item = case.items.get(state="OPEN")
    tamper("UPDATE workflows_workitem SET assignee_id = %s WHERE id = %s", asked.pk, item.pk)
    return asked


def tamper(sql: str, *params: object) -> None:
    """Change rows as somebody with the keys to the database would."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, params)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


class TestExport:
    @pytest.mark.parametrize("form", ExportForm.values)
    def test_is_intact_and_has_the_fingerprint_that_was_booked(
        self, world: World, case: Case, tmp_path: Path, form: str
    ) -> None:
        found = export(case, world.am, form)
        report = check_file(fetched(found, world.am, tmp_path), expected=found.fingerprint)

        assert (found.state, report.problems) == ("DONE", ())
        assert (report.doc_no, report.events) == (case.doc_no, case.event_count)
        assert (found.last_hash, found.event_count) == (case.last_hash, case.event_count)
        assert found.size > 0

    def test_a_pack_holds_every_part(self, world: World, case: Case, tmp_path: Path) -> None:
        path = fetched(export(case, world.am), world.am, tmp_path)
        with zipfile.ZipFile(path) as archive:
            manifest = json.loads(archive.read("manifest.json"))
            snapshot = json.loads(archive.read("snapshots/0001.json"))
            bpmn = archive.read(f"definitions/version-0001-{case.flow_version_id}.bpmn").decode()
            content = archive.read("attachments/0001.pdf")

        kinds = [each["kind"] for each in manifest["files"]]
        assert sorted(kinds) == [
            "attachment", "attachment", "definition", "history", "pdf", "snapshot",
        ]  # fmt: skip
        assert snapshot == case.snapshots.get().content
        assert bpmn == case.flow_version.bpmn
        assert content == b"%PDF-1.4 one\n%%EOF\n"
        assert manifest["exported_by"].startswith(world.am.name)

    def test_is_booked_for_ever(self, world: World, case: Case) -> None:
        found = export(case, world.am)
        for act in (
            found.delete,
            lambda: AuditExport.objects.update(requested_by=world.tl),
            lambda: AuditExport.objects.update(fingerprint="0" * 64),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                act()

    @pytest.mark.parametrize(
        ("sql", "code"),
        [
            ("UPDATE workflows_historyevent SET opinion = 'x' WHERE sequence = 2", "event-changed"),
            ("DELETE FROM workflows_historyevent WHERE sequence = 1", "event-missing"),
            ("DELETE FROM workflows_historyevent WHERE sequence = 2", "history-cut"),
            ("UPDATE workflows_snapshot SET content = '{\"fields\": []}'", "snapshot-changed"),
        ],
    )
    def test_tells_what_was_changed_in_the_database(
        self, world: World, case: Case, tmp_path: Path, sql: str, code: str
    ) -> None:
        tamper(sql)
        path = fetched(export(case, world.am), world.am, tmp_path)

        assert code in [problem.code for problem in check_file(path).problems]

    @pytest.mark.parametrize(
        ("sql", "code"),
        [
            ("UPDATE staff_signatureimage SET image = '\\x00'", "signature-changed"),
            ("DELETE FROM staff_signatureimage", "signature-missing"),
            ("SELECT 1", None),
        ],
    )
    def test_carries_the_signatures_of_the_decisions(
        self, world: World, case: Case, tmp_path: Path, sql: str, code: str | None
    ) -> None:
        row = sign(world.brm)
        case = world.approve(case, world.brm)
        tamper(sql)
        path = fetched(export(case, world.am), world.am, tmp_path)

        problems = check_file(path).problems
        expected = [(code, case.event_count)] if code else []
        assert [(each.code, each.params["sequence"]) for each in problems] == expected
        if not problems:
            with zipfile.ZipFile(path) as archive:
                assert archive.read("signatures/0001.png") == bytes(row.image)

    @pytest.mark.parametrize("spoil", [lambda p: p.unlink(), lambda p: p.write_bytes(b"x" * 19)])
    def test_tells_which_attachment_was_gone_or_changed_in_the_store(
        self, world: World, case: Case, tmp_path: Path, spoil: Callable[[Path], Any]
    ) -> None:
        stored = Attachment.objects.get(title="合同").file
        path = path_of(stored.sha256)
        path.chmod(0o640)
        spoil(path)
        problems = check_file(fetched(export(case, world.am), world.am, tmp_path)).problems

        assert [(each.code, each.params["title"]) for each in problems] == [
            ("missing-then", "合同")
        ]

    def test_aud_04_for_an_unknown_form(self, world: World, case: Case) -> None:
        with pytest.raises(DomainError) as refused:
            export(case, world.am, "POEM")
        assert refused.value.code == "AUD-04"


class TestRights:
    @pytest.mark.parametrize("who", ["am", "tl", "brm", "bgm", "hrm", "ceo"])
    def test_those_in_whose_scope_the_case_lies(self, world: World, case: Case, who: str) -> None:
        assert export(case, getattr(world, who), "JSON").state == "DONE"

    def test_aud_01_for_who_was_only_asked(self, world: World, case: Case) -> None:
        """Somebody of another branch to whom the step was given sees his step, not the case."""
        asked = only_asked(case)
        with pytest.raises(DomainError) as refused:
            export(case, asked, "JSON")
        assert (refused.value.code, refused.value.status) == ("AUD-01", 403)

    def test_what_one_may_not_see_is_not_there(self, world: World, case: Case) -> None:
        stranger = elsewhere("AM")
        with pytest.raises(DomainError) as refused:
            export(case, stranger, "JSON")
        assert refused.value.status == 404
        client = browser(stranger)
        assert client.get(f"/cases/{case.pk}/exports/").status_code == 404
        assert client.post(f"/cases/{case.pk}/exports/", {"form": "PACK"}).status_code == 404
        assert not AuditExport.objects.exists()

    def test_aud_01_while_a_step_hides_fields_from_him(self, db: None) -> None:
        world = World(stage("tl", by_role("TL", RoleReach.DEPARTMENT), hidden_fields=("note",)))
        case = world.submitted(note="secret")
        with pytest.raises(DomainError) as refused:
            export(case, world.tl, "JSON")
        assert refused.value.code == "AUD-01"
        assert export(case, world.am, "JSON").state == "DONE"

    def test_aud_02_while_a_vote_is_secret(self, db: None) -> None:
        world = World(
            stage("rc", by_role("RC", RoleReach.HEAD_OFFICE), decide=DecideMode.VOTE,
                  duty_line="COMMITTEE")
        )  # fmt: skip
        members = world.members
        case = world.submitted()
        world.approve(case, members[0])
        for who in (world.am, world.ceo):
            with pytest.raises(DomainError) as refused:
                export(case, who, "JSON")
            assert refused.value.code == "AUD-02"
            page = browser(who).get(f"/cases/{case.pk}/")
            assert f"/cases/{case.pk}/exports/" not in page.content.decode()

    def test_the_file_is_only_for_who_asked(self, world: World, case: Case) -> None:
        found = export(case, world.am, "JSON")
        assert browser(world.am).get(f"/exports/{found.pk}/").status_code == 200
        assert browser(world.ceo).get(f"/exports/{found.pk}/").status_code == 404

    def test_a_right_that_was_lost_ends_the_export(self, world: World, case: Case) -> None:
        found = AuditExport.objects.create(
            case=case, form="JSON", requested_by=world.hrm, requested_at=LATER
        )
        world.hrm.role_assignments.all().delete()
        build_export(found.pk)
        found.refresh_from_db()
        assert (found.state, found.is_kept) == ("FAILED", False)
        assert found.error


class TestLargeExports:
    @pytest.fixture(autouse=True)
    def _everything_is_large(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(audit, "AT_ONCE_BYTES", -1)

    def test_are_made_by_the_worker(
        self, world: World, case: Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        found = export(case, world.am)
        assert (found.state, found.is_live) == ("WAITING", True)
        page = browser(world.am).get(f"/cases/{case.pk}/exports/")
        assert 'hx-trigger="every 2s"' in page.content.decode()

        monkeypatch.setattr(build_export, "delay", build_export)
        assert deliver_due(clock=lambda: LATER, limit=100).failed == 0
        found.refresh_from_db()
        assert (found.state, found.done, found.total) == ("DONE", 6, 6)
        assert check_file(fetched(found, world.am, tmp_path)).problems == ()

    def test_a_task_that_comes_twice_changes_nothing(self, world: World, case: Case) -> None:
        found = export(case, world.am)
        build_export(found.pk)
        first = AuditExport.objects.values().get()
        build_export(found.pk)
        assert AuditExport.objects.values().get() == first

    def test_a_worker_that_died_is_followed_by_another(self, world: World, case: Case) -> None:
        found = export(case, world.am)
        AuditExport.objects.update(state="RUNNING")
        build_export(found.pk)
        found.refresh_from_db()
        assert found.state == "DONE"

    def test_of_two_workers_the_first_one_counts(
        self, world: World, case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found = export(case, world.am)
        write = audit._write
        inner: list[bool] = []

        def slowly(one: Any, record: Any) -> Any:
            if not inner:
                inner.append(True)
                build_export(found.pk)
            return write(one, record)

        monkeypatch.setattr(audit, "_write", slowly)
        build_export(found.pk)
        found.refresh_from_db()
        assert check_file(
            fetched(found, world.am, tmp_path), expected=found.fingerprint
        ).problems == ()  # fmt: skip

    def test_the_message_waits_in_the_transaction(self, world: World, case: Case) -> None:
        found = export(case, world.am)
        message = OutboxMessage.objects.get(topic=audit.TOPIC)
        assert message.payload == {"export_id": found.pk}

    def test_a_store_that_is_full_is_told(
        self, world: World, case: Case, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_args: Any, **_values: Any) -> Any:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(audit, "write_pack", full)
        found = export(case, world.am)
        build_export(found.pk)
        found.refresh_from_db()
        assert (found.state, bool(found.error)) == ("FAILED", True)


class TestForgetting:
    def test_files_go_and_rows_stay(
        self, world: World, case: Case, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found = export(case, world.am, "JSON")
        assert audit.forget_exports(now=LATER + audit.KEPT) == 0
        assert audit.forget_exports(now=LATER + audit.KEPT + timedelta(seconds=1)) == 1
        found.refresh_from_db()
        assert (found.is_kept, found.state) == (False, "DONE")
        with pytest.raises(DomainError) as refused:
            audit.open_export(export_id=found.pk, actor=world.am)
        assert (refused.value.code, refused.value.status) == ("AUD-03", 410)
        assert "no longer kept" in text_of(browser(world.am).get(f"/cases/{case.pk}/exports/"))
        forget_exports()


class TestPage:
    def test_makes_and_hands_out_an_export(self, world: World, case: Case, tmp_path: Path) -> None:
        client = browser(world.am)
        path = f"/cases/{case.pk}/exports/"
        assert f'href="{path}"' in client.get(f"/cases/{case.pk}/").content.decode()
        assert client.post(path, {"form": "PACK"}).url == path
        found = AuditExport.objects.get()
        said = text_of(client.get(path))
        assert found.fingerprint in said
        assert world.am.name in said

        response = client.get(f"/exports/{found.pk}/")
        assert response["Content-Disposition"] == (
            f'attachment; filename="{case.doc_no}-audit-{found.pk}.zip"'
        )
        pack = tmp_path / "pack.zip"
        pack.write_bytes(b"".join(response.streaming_content))
        assert check_file(pack).problems == ()

    def test_offers_nothing_to_who_may_not(self, world: World, case: Case) -> None:
        asked = only_asked(case)
        client = browser(asked)
        assert b"/exports/" not in client.get(f"/cases/{case.pk}/").content
        refused = client.get(f"/cases/{case.pk}/exports/")
        assert (refused.status_code, "AUD-01" in text_of(refused)) == (403, True)

    @pytest.mark.parametrize("form", ["", "poem", "\x00", "x" * 10_000])
    def test_odd_forms_are_refused(self, world: World, case: Case, form: str) -> None:
        response = browser(world.am).post(f"/cases/{case.pk}/exports/", {"form": form})
        assert response.status_code in (400, 422)
        assert not AuditExport.objects.exists()

    def test_statements_do_not_grow_with_the_exports(self, world: World, case: Case) -> None:
        client = browser(world.am)
        few = len(statements(client, f"/cases/{case.pk}/exports/"))
        for _turn in range(5):
            export(case, world.am, "JSON")
        assert len(statements(client, f"/cases/{case.pk}/exports/")) == few
        assert few <= 12


class TestApi:
    def test_makes_lists_and_hands_out(self, world: World, case: Case) -> None:
        client = browser(world.am)
        path = f"/api/v1/cases/{case.pk}/exports/"
        made = client.post(path, {"form": "JSON"})
        assert made.status_code == 201
        assert (made.json()["state"], made.json()["is_mine"]) == ("DONE", True)
        assert [each["id"] for each in client.get(path).json()] == [made.json()["id"]]

        answer = client.get(f"/api/v1/exports/{made.json()['id']}/file/")
        history = json.load(io.BytesIO(b"".join(answer.streaming_content)))
        assert history["last_hash"] == case.last_hash
        assert browser(world.ceo).get(path).json()[0]["is_mine"] is False

    def test_refuses_as_the_page_does(self, world: World, case: Case) -> None:
        path = f"/api/v1/cases/{case.pk}/exports/"
        assert browser(world.am).post(path, {"form": "poem"}).status_code in (400, 422)
        assert browser(world.am).get("/api/v1/exports/999/file/").status_code == 404
        assert browser(world.am).get("/api/v1/cases/999999/exports/").status_code == 404
