"""Signature and attachment: what a stage asks of a decision besides the opinion."""

from __future__ import annotations

import base64
import hashlib
import io
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

import pytest
from PIL import Image, ImageDraw

from documents.models import Supplement
from documents.services.supplements import (
    add_supplement_file,
    create_supplement,
    submit_supplement,
)
from lending_crm.common.errors import DomainError
from staff.models import Employee, SignatureImage
from staff.selectors import roles_of
from staff.services.signatures import drop_signature, keep_signature
from tests.workflows.pages import at_item, browser, text_of
from tests.workflows.test_history import tamper
from tests.workflows.world import NOW, World, by_role, fresh, stage
from workflows.bpmn.chain import Chain, from_chain
from workflows.bpmn.model import DecideMode
from workflows.choices import EventKind
from workflows.demands import cases_asking, is_asked_to_attach
from workflows.models import Case, HistoryEvent
from workflows.services.decisions import reject, return_case
from workflows.signatures import signature_images
from workflows.verification import verify_case

pytestmark = pytest.mark.django_db


def drawing(kind: str = "PNG", colour: str = "navy") -> bytes:
    picture = Image.new("RGBA", (300, 100), (0, 0, 0, 0))
    ImageDraw.Draw(picture).line((10, 80, 150, 20, 290, 70), fill=colour, width=6)
    out = io.BytesIO()
    (picture if kind == "PNG" else picture.convert("RGB")).save(out, kind)
    return out.getvalue()


def sign(who: Employee, **values: Any) -> SignatureImage:
    return keep_signature(actor=fresh(who), content=drawing(**values), now=NOW)


def route(world: World, *roles: str, **settings: Any) -> None:
    nodes = tuple(stage(role.lower(), by_role(role), **settings) for role in roles)
    world.publish(from_chain(Chain("r", "r", nodes=nodes)))


class TestKeeping:
    def test_is_drawn_anew_with_its_transparency(self, world: World) -> None:
        row = sign(world.tl)
        picture = Image.open(io.BytesIO(bytes(row.image)))
        assert (picture.format, picture.mode) == ("PNG", "RGBA")
        assert picture.getpixel((0, 0))[3] == 0  # type: ignore[index]
        assert hashlib.sha256(bytes(row.image)).hexdigest() == row.sha256
        assert fresh(world.tl).signature_sha256 == row.sha256

    def test_jpeg_too_and_large_ones_get_smaller(self, world: World) -> None:
        out = io.BytesIO()
        big = Image.new("RGB", (1900, 1900), "white")
        ImageDraw.Draw(big).line((0, 0, 1900, 1900), fill="black", width=30)
        big.save(out, "JPEG")
        row = keep_signature(actor=fresh(world.tl), content=out.getvalue(), now=NOW)
        assert (row.width, row.height) <= (900, 300)

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "SIG-02"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SIG-02"),
            (b"\x89PNG\r\n\x1a\n" + b"x" * 40, "SIG-02"),
            (b"x" * (1024 * 1024 + 1), "SIG-01"),
        ],
    )
    def test_refuses_what_is_no_image(self, world: World, content: bytes, code: str) -> None:
        with pytest.raises(DomainError) as refused:
            keep_signature(actor=fresh(world.tl), content=content, now=NOW)
        assert refused.value.code == code

    def test_sig_03_an_empty_one(self, world: World) -> None:
        out = io.BytesIO()
        Image.new("RGBA", (300, 100), (0, 0, 0, 0)).save(out, "PNG")
        with pytest.raises(DomainError) as refused:
            keep_signature(actor=fresh(world.tl), content=out.getvalue(), now=NOW)
        assert refused.value.code == "SIG-03"

    def test_the_database_keeps_every_one(self, world: World) -> None:
        row = sign(world.tl)
        for change in (row.delete, lambda: SignatureImage.objects.update(width=1)):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()
        assert SignatureImage.objects.get().width == row.width


class TestSignatureRequired:
    def test_wf_64_names_the_profile(self, world: World) -> None:
        route(world, "TL", signature_required=True)
        case = world.submitted()
        for act in (
            lambda: world.approve(case, world.tl),
            lambda: reject(
                item_id=world.item(case, world.tl).pk, actor=fresh(world.tl), now=NOW,
                opinion="负债过高,不符合准入条件",
            ),
            lambda: return_case(
                item_id=world.item(case, world.tl).pk, actor=fresh(world.tl), now=NOW,
                opinion="请补充材料说明",
            ),
        ):  # fmt: skip
            with pytest.raises(DomainError) as refused:
                act()
            assert refused.value.code == "WF-64"
            assert "/profile/signature/" in refused.value.message

    def test_the_decision_carries_it_for_ever(self, world: World) -> None:
        route(world, "TL", "BRM", signature_required=True)
        row = sign(world.tl)
        case = world.approve(world.submitted(), world.tl)
        event = HistoryEvent.objects.get(case=case, kind=EventKind.APPROVED)
        assert event.data["signature"]["sha256"] == row.sha256
        sign(world.tl, colour="red")
        drop_signature(actor=fresh(world.tl), now=NOW)
        shown = browser(world.brm).get(f"/cases/{case.pk}/signatures/{event.sequence}/")
        assert shown.content == bytes(row.image)
        printed = signature_images([event])[event.sequence]
        assert base64.b64decode(printed.partition(",")[2]) == bytes(row.image)
        assert verify_case(case) is None

    @pytest.mark.parametrize(
        ("sql", "words"),
        [
            (
                "UPDATE staff_signatureimage SET image = '\\x00'",
                "签名图片已被修改",
            ),
            ("DELETE FROM staff_signatureimage", "签名图片已丢失"),
        ],
    )
    def test_the_check_of_histories_names_the_decision(
        self, world: World, sql: str, words: str
    ) -> None:
        route(world, "TL", "BRM", signature_required=True)
        rows = [sign(world.tl), sign(world.brm, colour="red")]
        case = world.approve(world.approve(world.submitted(), world.tl), world.brm)
        assert verify_case(case) is None
        tamper(f"{sql} WHERE sha256 = %s", rows[1].sha256)
        broken = verify_case(case)
        assert broken is not None
        assert (broken.sequence, broken.doc_no) == (3, case.doc_no)
        assert words in broken.reason

    def test_a_kept_one_is_bound_also_where_none_is_asked(self, world: World) -> None:
        sign(world.tl)
        case = world.approve(world.submitted(), world.tl)
        assert "signature" in HistoryEvent.objects.get(case=case, kind="APPROVED").data

    def test_is_not_shown_to_whom_the_case_is_not(self, world: World) -> None:
        sign(world.tl)
        case = world.approve(world.submitted(), world.tl)
        sequence = HistoryEvent.objects.get(case=case, kind="APPROVED").sequence
        path = f"/cases/{case.pk}/signatures/{sequence}/"
        stranger = world._local("AM")
        assert browser(stranger).get(path).status_code == 404
        assert browser(world.adm).get(path).status_code == 404
        assert browser(world.am).get(path).status_code == 200
        assert browser(world.am).get(path.replace(f"/{sequence}/", "/999/")).status_code == 404

    def test_of_a_secret_ballot_not_before_the_vote_is_over(self, world: World) -> None:
        vote = stage("v", by_role("RC"), decide=DecideMode.VOTE, duty_line="COMMITTEE")
        world.publish(from_chain(Chain("r", "r", nodes=(vote,))))
        members = [world._local("RC") for _ in range(4)]
        sign(members[0])
        case = world.approve(world.submitted(), members[0])
        event = HistoryEvent.objects.get(case=case, kind=EventKind.APPROVED)
        path = f"/cases/{case.pk}/signatures/{event.sequence}/"
        assert browser(members[1]).get(path).status_code == 404
        assert "/signatures/" not in browser(members[1]).get(f"/cases/{case.pk}/").content.decode()
        assert browser(members[0]).get(path).status_code == 200

    def test_the_case_page_says_so_before(self, world: World) -> None:
        route(world, "TL", signature_required=True)
        case = world.submitted()
        page = browser(world.tl).get(f"/cases/{case.pk}/").content.decode()
        assert 'href="/profile/signature/"' in page
        answer = browser(world.tl).post(
            at_item(case, world.tl, "approve"), {"opinion": "同意", "seen_version": case.version}
        )
        assert answer.status_code == 422


class TestProfile:
    def test_upload_draw_show_and_drop(self, world: World) -> None:
        me = browser(world.tl)
        upload = SimpleUploadedFile("s.png", drawing(), "image/png")
        assert me.post("/profile/signature/", {"image": upload}).status_code == 302
        first = me.get("/profile/signature/image/").content
        drawn = "data:image/png;base64," + base64.b64encode(drawing(colour="red")).decode()
        assert me.post("/profile/signature/", {"drawn": drawn}).status_code == 302
        assert me.get("/profile/signature/image/").content != first
        me.post("/profile/signature/drop/")
        assert me.get("/profile/signature/image/").status_code == 404
        assert browser(world.am).get("/profile/signature/image/").status_code == 404

    @pytest.mark.parametrize("drawn", ["", "data:image/png;base64,%%%", "x", "data:text/html,x"])
    def test_bad_input(self, world: World, drawn: str) -> None:
        answer = browser(world.tl).post("/profile/signature/", {"drawn": drawn})
        assert answer.status_code == 422
        assert "SIG-02" in text_of(answer)


def attach(case: Case, who: Employee, *, minutes: int = 1) -> None:
    now = NOW + timedelta(minutes=minutes)
    made = create_supplement(
        document_id=case.document_id, actor=fresh(who), now=now, subject="现场核查"
    )
    add_supplement_file(
        supplement_id=made.pk, actor=fresh(who), now=now, title="照片", category="OTHER",
        upload=SimpleUploadedFile("a.png", drawing(), "image/png"),
    )  # fmt: skip
    submit_supplement(supplement_id=made.pk, actor=fresh(who), now=now)


class TestAttachmentRequired:
    @pytest.fixture
    def case(self, world: World) -> Case:
        route(world, "TL", "BRM", attachment_required=True)
        return world.submitted()

    def test_wf_63_until_he_has_attached(self, world: World, case: Case) -> None:
        with pytest.raises(DomainError) as refused:
            world.approve(case, world.tl)
        assert refused.value.code == "WF-63"
        attach(case, world.tl)
        world.approve(case, world.tl, minutes=2)

    def test_somebody_elses_or_an_earlier_one_does_not_count(
        self, world: World, case: Case
    ) -> None:
        attach(case, world.am)
        with pytest.raises(DomainError) as refused:
            world.approve(case, world.tl, minutes=2)
        assert refused.value.code == "WF-63"

    def test_returning_needs_none(self, world: World, case: Case) -> None:
        return_case(
            item_id=world.item(case, world.tl).pk, actor=fresh(world.tl), now=NOW,
            opinion="请补充材料说明",
        )  # fmt: skip

    def test_only_who_is_asked_may_attach(self, world: World, case: Case) -> None:
        with pytest.raises(DomainError) as refused:
            attach(case, world.brm)
        assert refused.value.code == "SUP-04"

    def test_all_who_are_asked_are_found_at_once_as_one_by_one(
        self, world: World, case: Case, django_assert_num_queries: Any
    ) -> None:
        attach(case, world.tl)
        world.approve(case, world.tl, minutes=2)
        returned = world.submitted()
        attach(returned, world.tl, minutes=3)
        return_case(
            item_id=world.item(returned, world.tl).pk, actor=fresh(world.tl), opinion="请补充材料",
            now=NOW + timedelta(minutes=4),
        )  # fmt: skip
        waiting = world.submitted()
        world.publish(from_chain(Chain("r", "r", nodes=(stage("tl", by_role("TL")),))))
        cases = [case, returned, waiting, world.submitted()]  # the last one on the new version

        asked = set()
        for who in (world.am, world.tl, world.brm, world.hrm):
            person = fresh(who)
            one_by_one = {
                each.pk
                for each in cases
                if is_asked_to_attach(Case.objects.get(pk=each.pk), person)
            }
            assert set(cases_asking(person).values_list("case", flat=True)) == one_by_one
            asked |= {(who.pk, pk) for pk in one_by_one}
        assert asked == {(world.brm.pk, case.pk), (world.tl.pk, waiting.pk)}

        roles_of(person := fresh(world.tl))
        with django_assert_num_queries(1):  # the steps themselves stay for the subquery
            cases_asking(person)

    def test_the_case_page_leads_there(self, world: World, case: Case) -> None:
        page = browser(world.tl).get(f"/cases/{case.pk}/").content.decode()
        url = f"/documents/supplements/new/?document={case.document_id}"
        assert url in page
        assert case.doc_no in browser(world.tl).get(url).content.decode()
        sent = {"document": case.document_id, "subject": "现场核查"}
        made = browser(world.tl).post(url, sent)
        assert made.status_code == 302, text_of(made)
        assert Supplement.objects.get().creator_id == world.tl.pk
        refused = browser(world.brm).post(url, sent)
        assert refused.status_code == 422
