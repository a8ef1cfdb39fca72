"""Fields per stage: hidden everywhere for who is asked there, or open to his correction."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from documents.models import Document
from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord
from staff.models import Employee
from tests.workflows.pages import at_item, browser, buttons, text_of
from tests.workflows.world import NOW, World, by_role, fresh, stage
from workflows.bpmn.chain import Chain, from_chain
from workflows.bpmn.xml import read, write
from workflows.choices import EventKind
from workflows.field_rights import hidden_fields_of
from workflows.models import Case, HistoryEvent
from workflows.services.collaboration import note_reading
from workflows.services.corrections import correct_document
from workflows.services.decisions import return_case
from workflows.services.definitions import findings_of
from workflows.verification import verify_case

pytestmark = pytest.mark.django_db


def route(world: World, **first: Any) -> None:
    nodes = (stage("a", by_role("TL"), **first), stage("b", by_role("BRM"), duty_line="RISK"))
    world.publish(from_chain(Chain("r", "r", nodes=nodes)))


@pytest.fixture
def veiled(world: World) -> Case:
    """At the first step the colour is hidden."""
    route(world, hidden_fields=("colour", "remark"))
    return world.submitted(colour="sky-blue", secret="open-word")


def reads(who: Employee, case: Case) -> str:
    return text_of(browser(who).get(f"/cases/{case.pk}/"))


def snapshot(who: Employee, case: Case) -> str:
    answer = browser(who).get(f"/api/v1/cases/{case.pk}/snapshots/{case.snapshot_number}/")
    assert answer.status_code == 200
    return answer.content.decode()


class TestHidden:
    def test_on_the_page_and_named(self, world: World, veiled: Case) -> None:
        page = reads(world.tl, veiled)
        assert "sky-blue" not in page
        assert "open-word" in page
        assert "Not shown at your step: 颜色, 备注" in page

    def test_in_the_snapshot_of_the_api_in_both_languages(self, world: World, veiled: Case) -> None:
        assert "sky-blue" not in snapshot(world.tl, veiled)
        assert "open-word" in snapshot(world.tl, veiled)

    def test_others_keep_their_rights(self, world: World, veiled: Case) -> None:
        for who in (world.am, world.bgm, world.hrm):
            assert "sky-blue" in reads(who, veiled)
            assert "sky-blue" in snapshot(who, veiled)

    def test_also_after_the_decision(self, world: World, veiled: Case) -> None:
        case = world.approve(veiled, world.tl)
        assert "sky-blue" not in reads(world.tl, case)
        assert "sky-blue" in reads(world.brm, case)

    def test_a_copy_to_oneself_opens_nothing(self, world: World, veiled: Case) -> None:
        browser(world.tl).post(f"/cases/{veiled.pk}/copy/", {"recipients": [world.tl.pk]})
        assert "sky-blue" not in reads(world.tl, veiled)

    def test_in_what_changed_since_he_last_looked(self, world: World, veiled: Case) -> None:
        note_reading(case_id=veiled.pk, reader=world.tl, now=NOW)
        return_case(
            item_id=world.item(veiled, world.tl).pk, actor=fresh(world.tl), now=NOW,
            opinion="请补充材料说明",
        )  # fmt: skip
        document = Document.objects.get(pk=veiled.document_id)
        world.edit(document, colour="deep-red", secret="another-word")
        world.submit(document)
        page = reads(world.tl, Case.objects.get(pk=veiled.pk))
        assert "deep-red" not in page
        assert "another-word" in page

    def test_the_frozen_facts_of_the_history(self, world: World, veiled: Case) -> None:
        path = f"/api/v1/cases/{veiled.pk}/history/"
        assert "facts" not in browser(world.tl).get(path).json()[0]["data"]
        assert "facts" in browser(world.am).get(path).json()[0]["data"]

    def test_who_is_asked_twice_sees_what_one_of_them_shows(self, world: World) -> None:
        nodes = (
            stage("a", by_role("TL"), hidden_fields=("colour", "secret")),
            stage("b", by_role("TL"), hidden_fields=("secret",)),
        )
        world.publish(from_chain(Chain("r", "r", nodes=nodes)))
        other = world._local("TL")
        case = world.approve(world.submitted(colour="x", secret="y"), world.tl)
        assert hidden_fields_of(case, fresh(world.tl)) == {"colour", "secret"}
        assert hidden_fields_of(case, fresh(other)) == {"secret"}

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
    @given(hidden=st.sets(st.sampled_from(["colour", "secret", "branch"])))
    def test_never_more_and_never_less(self, world: World, hidden: set[str]) -> None:
        route(world, hidden_fields=tuple(sorted(hidden)))
        case = world.submitted(colour="c", secret="s")
        assert hidden_fields_of(case, fresh(world.tl)) == hidden
        assert hidden_fields_of(case, fresh(world.am)) == set()


def correct(world: World, case: Case, who: Employee, **values: Any) -> Case:
    return correct_document(
        item_id=world.item(case, who).pk, actor=fresh(who), now=NOW, values=values
    )


@pytest.fixture
def open_case(world: World) -> Case:
    route(world, editable_fields=("subject",))
    return world.submitted()


class TestCorrecting:
    def test_is_a_new_version_on_record(self, world: World, open_case: Case) -> None:
        before = Document.objects.get(pk=open_case.document_id).version
        case = correct(world, open_case, world.tl, subject="改过的主题")
        document = Document.objects.get(pk=case.document_id)
        assert document.subject == case.subject == "改过的主题"
        assert case.document_version == document.version == before + 1
        assert case.version > open_case.version
        assert case.snapshot_number == open_case.snapshot_number + 1
        event = HistoryEvent.objects.get(case=case, kind=EventKind.CORRECTED)
        change = event.data["changes"][0]
        assert (change["old"], change["new"]) == ("玩具申请", "改过的主题")
        assert ChangeRecord.objects.filter(object_id=document.pk, new="改过的主题").exists()
        assert verify_case(case) is None

    def test_the_updated_day_stays(self, world: World, open_case: Case) -> None:
        """Terms are measured by the day of the submission."""
        before = Document.objects.get(pk=open_case.document_id).updated_at
        correct(world, open_case, world.tl, subject="改过的主题")
        assert Document.objects.get(pk=open_case.document_id).updated_at == before

    def test_older_pages_are_stale(self, world: World, open_case: Case) -> None:
        seen = open_case.version
        correct(world, open_case, world.tl, subject="改过的主题")
        with pytest.raises(DomainError) as refused:
            world.approve(open_case, world.tl, seen_version=seen)
        assert refused.value.code == "WF-12"

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"remark": "x"}, "WF-62"),
            ({"handler": "1"}, "WF-62"),
            ({"subject": "x" * 101}, "DOC-04"),
            ({"subject": "玩具申请"}, "WF-68"),
            ({"subject": " "}, "WF-08"),
            ({}, "WF-68"),
        ],
    )
    def test_nothing_else(
        self, world: World, open_case: Case, values: dict[str, str], code: str
    ) -> None:
        with pytest.raises(DomainError) as refused:
            correct(world, open_case, world.tl, **values)
        assert refused.value.code == code

    def test_not_where_the_step_opens_nothing(self, world: World, open_case: Case) -> None:
        case = world.approve(open_case, world.tl)
        with pytest.raises(DomainError) as refused:
            correct(world, case, world.brm, subject="改过的主题")
        assert refused.value.code == "WF-62"

    def test_not_by_others(self, world: World, open_case: Case) -> None:
        for who, code in ((world.am, "WF-01"), (world.brm, "WF-03")):
            with pytest.raises(DomainError) as refused:
                correct_document(
                    item_id=open_case.items.get().pk, actor=fresh(who), now=NOW,
                    values={"subject": "改过的主题"},
                )  # fmt: skip
            assert refused.value.code == code

    def test_on_the_page(self, world: World, open_case: Case) -> None:
        me = browser(world.tl)
        page = me.get(f"/cases/{open_case.pk}/")
        assert "correct" in buttons(page)
        path = at_item(open_case, world.tl, "correct")
        me.post(path, {"field_subject": "改过的主题", "seen_version": open_case.version})
        assert "玩具申请 → 改过的主题" in reads(world.tl, open_case)
        assert "correct" not in buttons(browser(world.am).get(f"/cases/{open_case.pk}/"))

    def test_by_the_api(self, world: World, open_case: Case) -> None:
        item = world.item(open_case, world.tl)
        answer = browser(world.tl).post(
            f"/api/v1/work-items/{item.pk}/correct/",
            {"seen_version": open_case.version, "fields": {"subject": "改过的主题"}},
            content_type="application/json",
            headers={"Idempotency-Key": "correct-0001"},
        )
        assert (answer.status_code, answer.json()["subject"]) == (200, "改过的主题")
        answer = browser(world.tl).post(
            f"/api/v1/work-items/{item.pk}/correct/",
            {"seen_version": open_case.version + 1, "fields": {"remark": "x"}},
            content_type="application/json",
            headers={"Idempotency-Key": "correct-0002"},
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "WF-62")


class TestSettings:
    def test_are_kept_in_bpmn(self) -> None:
        one = stage("a", by_role("TL"), hidden_fields=("colour",), editable_fields=("subject",))
        definition = from_chain(Chain("r", "r", nodes=(one,)))
        assert read(write(definition), fact_types={}) == definition

    def test_unknown_and_contradicting_fields_are_findings(self, world: World) -> None:
        one = stage(
            "a", by_role("TL"),
            hidden_fields=("nothing", "subject"), editable_fields=("colour", "subject"),
        )  # fmt: skip
        definition = from_chain(Chain("r", "r", nodes=(one,)))
        codes = [found.code for found in findings_of(definition, "toy")]
        assert codes.count("unknown-field") == 3
        assert "hidden-and-editable" in codes
