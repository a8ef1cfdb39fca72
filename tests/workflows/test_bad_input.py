"""Whatever is typed or posted at the acts: a clear answer, never a fault, nothing half done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpResponse

import pytest

from staff.models import Employee
from tests.workflows.pages import HTMX, browser
from tests.workflows.test_case_page import in_committee
from tests.workflows.world import NOW, World, fresh
from workflows.api.views import ACTS as API_ITEM_ACTS
from workflows.api.views import CASE_ACTS as API_CASE_ACTS
from workflows.models import Case, HistoryEvent, Stage, WorkItem
from workflows.services import administration, items
from workflows.views.actions import CASE_ACTS, ITEM_ACTS, REASSIGN

pytestmark = pytest.mark.django_db

TEN_MEGABYTES = "好" * 3_500_000
MARKUP = "<script>alert(1)</script>\"'><img src=x>"

TEXTS: list[Any] = [
    "", " ", "\n\n", "\x00", "a\x00b", "\x1b[31m", "\u202e", "\ufffe", "😀" * 30, MARKUP,
    "{{ 7*7 }}%s%(x)s", "' OR 1=1 --", "x" * 2001, ["两", "个"],
]  # fmt: skip
NUMBERS: list[Any] = [
    "", "x", "-1", "0", "1.5", "1e3", "NaN", "9" * 30, "9" * 5000, "\x00", "１", " 1 ", "0x10",
    str(2**31), str(2**63), ["1", "2"],
]  # fmt: skip
NAMES: list[Any] = ["", "nowhere", "\x00", "x" * 101, "😀", MARKUP, "handler'", ["a", "b"]]
FLAGS: list[Any] = ["", "maybe", "\x00", "0", ["on", "off"]]
LISTS: list[Any] = [[], ["x"], ["0"], ["-1"], [str(2**63)], ["9" * 5000], ["\x00"], ["1"] * 1500]
TERMS: list[Any] = [
    "NaN",
    "1e400",
    "-1",
    "Infinity",
    "x",
    "9" * 40,
    "\x00",
    "１２",
    "1.234",
    MARKUP,
]
ODD_NAMES: list[dict[str, str]] = [
    {"\ud800": "1"}, {"\x00": "1"}, {MARKUP: "1"}, {"": "1"}, {"x" * 9000: "1"},
    {str(n): "1" for n in range(3000)},
]  # fmt: skip


def hostile_for(form_field: forms.Field) -> list[Any]:
    match form_field:
        case forms.ModelMultipleChoiceField():
            return LISTS
        case forms.IntegerField() | forms.ModelChoiceField():
            return NUMBERS
        case forms.BooleanField():
            return FLAGS
        case forms.CharField(max_length=int()):
            return NAMES
    return TEXTS


@dataclass
class Target:
    """An act that would succeed with ``data``; the tests spoil one thing of it."""

    path: str
    actor: Employee
    case: Case
    data: dict[str, Any] = field(default_factory=dict)


def at_the_first_stage(world: World, act: str, **data: Any) -> Target:
    case = world.submitted()
    return Target(f"/work-items/{world.item(case).pk}/{act}/", world.tl, case, data)


def on_the_case(world: World, act: str, who: Employee, **data: Any) -> Target:
    case = world.submitted()
    return Target(f"/cases/{case.pk}/{act}/", who, case, data)


def in_the_pool(world: World, act: str) -> Target:
    case = world.submitted(level=2)
    for who in (world.tl, world.brm, world.bgm):
        case = world.approve(case, who)
    item = world.item(case, world.hrm)
    if act == "release":
        items.claim(item_id=item.pk, actor=fresh(world.hrm), now=NOW)
    return Target(f"/work-items/{item.pk}/{act}/", world.hrm, case)


def taken_back(world: World) -> Target:
    case = world.approve(world.submitted(), world.tl)
    item = WorkItem.objects.get(case=case, decided_by=world.tl)
    return Target(f"/work-items/{item.pk}/take_back/", world.tl, case)


def closed_vote(world: World) -> Target:
    world.committee()
    case = in_committee(world)
    for who in (*world.members[:2], world.chair):
        case = world.approve(case, who)
    # Three of five: the quorum of two thirds is not there, which is a refusal in words.
    item = world.item(case, world.members[2])
    return Target(f"/work-items/{item.pk}/close_vote/", world.secretary, case)


def blocked(world: World) -> Target:
    case = world.submitted()
    Employee.objects.filter(pk=world.brm.pk).update(is_active=False)
    case = world.approve(case, world.tl)
    stage = Stage.objects.get(process=case, is_blocked=True)
    data = {"stage": stage.pk, "recipient": world.hrm.pk, "reason": "风控经理离职"}
    return Target(f"/cases/{case.pk}/reassign/", world.adm, case, data)


def suspended(world: World) -> Target:
    case = administration.suspend_case(
        case_id=world.submitted().pk, actor=fresh(world.adm), now=NOW, reason=REASON
    )
    return Target(f"/cases/{case.pk}/resume/", world.adm, case, {"reason": REASON})


REASON = "负债过高,还款来源不足"
TARGETS: dict[str, Callable[[World], Target]] = {
    "approve": lambda w: at_the_first_stage(w, "approve", opinion="同意"),
    "approve_with_conditions": lambda w: at_the_first_stage(
        w, "approve_with_conditions", opinion="同意", conditions="配偶签字"
    ),
    "return": lambda w: at_the_first_stage(
        w, "return", opinion=REASON, target="handler", resumes_directly="on"
    ),
    "reject": lambda w: at_the_first_stage(w, "reject", opinion=REASON),
    "transfer": lambda w: at_the_first_stage(w, "transfer", recipient=w.bgm.pk, reason="出差"),
    "request_material": lambda w: at_the_first_stage(
        w, "request_material", text="请补流水", pauses_clock="on"
    ),
    "claim": lambda w: in_the_pool(w, "claim"),
    "release": lambda w: in_the_pool(w, "release"),
    "take_back": taken_back,
    "close_vote": closed_vote,
    "withdraw": lambda w: on_the_case(w, "withdraw", w.am, reason="资料有误"),
    "comment": lambda w: on_the_case(w, "comment", w.tl, text="请核实", mentioned=[w.ceo.pk]),
    "copy": lambda w: on_the_case(w, "copy", w.tl, recipients=[w.ceo.pk]),
    "urge": lambda w: on_the_case(w, "urge", w.am),
    "reassign": blocked,
    "suspend": lambda w: on_the_case(w, "suspend", w.adm, reason=REASON),
    "resume": suspended,
    "jump": lambda w: on_the_case(w, "jump", w.adm, target="bgm", reason=REASON),
    "terminate": lambda w: on_the_case(w, "terminate", w.adm, reason=REASON),
}
FORMS = {name: act.form for name, act in {**ITEM_ACTS, **CASE_ACTS, "reassign": REASSIGN}.items()}


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def expect_an_answer(response: HttpResponse, target: Target, events: int, what: object) -> None:
    """Done, or refused in words with the right status and without a trace."""
    told = str(what)[:60]
    assert response.status_code < 500, told
    body = response.content.decode()
    if response.headers["Content-Type"].startswith("text/html"):
        assert "<script>alert(1)" not in body, told
        assert "<img src=x>" not in body, told
    if response.status_code >= 400:
        assert 'data-refusal="' in body or '"code"' in body, told
        assert HistoryEvent.objects.filter(case=target.case).count() == events, told


class TestForms:
    @pytest.mark.parametrize("act", TARGETS)
    def test_any_field_may_hold_anything(self, world: World, act: str) -> None:
        target = TARGETS[act](world)
        client = browser(target.actor)
        events = target.case.events.count()
        for name, form_field in FORMS[act].base_fields.items():
            for value in hostile_for(form_field):
                with undone():
                    data = {**target.data, name: value}
                    response = client.post(target.path, data, headers=HTMX)
                    expect_an_answer(response, target, events, (act, name, value))

    @pytest.mark.parametrize("act", TARGETS)
    def test_the_control_without_a_fault_is_answered(self, world: World, act: str) -> None:
        target = TARGETS[act](world)
        response = browser(target.actor).post(target.path, target.data)
        assert response.status_code == (409 if act == "close_vote" else 302)

    @pytest.mark.parametrize(
        ("act", "name"),
        [("approve", "opinion"), ("approve_with_conditions", "conditions"), ("reject", "opinion"),
         ("return", "opinion"), ("transfer", "reason"), ("request_material", "text"),
         ("withdraw", "reason"), ("comment", "text"), ("reassign", "reason")],
    )  # fmt: skip
    def test_ten_megabytes_are_too_long_and_told_so(
        self, world: World, act: str, name: str
    ) -> None:
        target = TARGETS[act](world)
        data = {**target.data, name: TEN_MEGABYTES}
        response = browser(target.actor).post(target.path, data, headers=HTMX)
        assert response.status_code == 422
        assert "WF-27" in response.content.decode()

    def test_more_than_the_system_takes_is_refused_before_it_is_read(self, world: World) -> None:
        target = TARGETS["approve"](world)
        data = {"opinion": "x" * 13_000_000}
        assert browser(target.actor).post(target.path, data).status_code == 413

    @pytest.mark.parametrize("act", TARGETS)
    def test_nothing_at_all_is_refused_or_needs_nothing(self, world: World, act: str) -> None:
        target = TARGETS[act](world)
        events = target.case.events.count()
        response = browser(target.actor).post(target.path, {}, headers=HTMX)
        expect_an_answer(response, target, events, act)

    @pytest.mark.parametrize(
        "body",
        [b"opinion=%ED%A0%80", b"opinion=%FF%FE", b"opinion=%00", b"%", b"&&==", b"a" * 3000,
         b"&".join(b"f%d=1" % n for n in range(2500))],
        ids=["surrogate", "bytes", "nul", "percent", "signs", "no-pair", "many-fields"],
    )  # fmt: skip
    def test_bytes_that_are_no_text(self, world: World, body: bytes) -> None:
        target = TARGETS["approve"](world)
        events = target.case.events.count()
        response = browser(target.actor).post(
            target.path, body, content_type="application/x-www-form-urlencoded", headers=HTMX
        )
        expect_an_answer(response, target, events, body)

    @pytest.mark.parametrize("value", TERMS)
    def test_terms(self, world: World, value: str) -> None:
        case = world.submitted()
        for who in (world.tl, world.brm):
            case = world.approve(case, who)
        path = f"/work-items/{world.item(case, world.bgm).pk}/approve/"
        target = Target(path, world.bgm, case, {"opinion": "同意"})
        events = case.events.count()
        data = {**target.data, "term_approved_amount": value}
        expect_an_answer(browser(world.bgm).post(path, data, headers=HTMX), target, events, value)

    @pytest.mark.parametrize("name", ["term_", f"term_{MARKUP}", "term_\x00", "term_state"])
    def test_wf_30_terms_that_the_step_does_not_set(self, world: World, name: str) -> None:
        target = TARGETS["approve"](world)
        data = {**target.data, name: "1"}
        response = browser(target.actor).post(target.path, data, headers=HTMX)
        expect_an_answer(response, target, 1, name)
        assert "WF-30" in response.content.decode()

    @pytest.mark.parametrize("item_id", ["0", "9" * 18, "9" * 30, "9" * 5000])
    def test_ids_that_do_not_exist_are_not_found(self, world: World, item_id: str) -> None:
        client = browser(world.tl)
        for act in ITEM_ACTS:
            data = {"opinion": "同意"}
            assert client.post(f"/work-items/{item_id}/{act}/", data).status_code == 404
        for act in (*CASE_ACTS, "reassign", "seen"):
            assert client.post(f"/cases/{item_id}/{act}/").status_code == 404
        for part in ("", "route/", "diagram/", "diagram.svg", "bpmn", "marks"):
            assert client.get(f"/cases/{item_id}/{part}").status_code == 404
        assert client.post(f"/inbox/filters/{item_id}/remove/").status_code == 404

    def test_a_stage_of_another_case_is_not_reassigned(self, world: World) -> None:
        other = world.submitted()
        target = TARGETS["reassign"](world)
        foreign = Stage.objects.get(process=other, node_id="tl")
        data = {**target.data, "stage": foreign.pk, "recipient": world.bgm.pk}
        response = browser(target.actor).post(target.path, data)
        assert response.status_code in (403, 404, 409)
        assert world.item(other, world.tl)


class TestBulk:
    @pytest.mark.parametrize(
        "data",
        [
            {"item": ["x"]}, {"item": ["9" * 5000]}, {"item": ["\x00"]}, {"item": ["-1"]},
            {"item": ["１"]}, {"item": ["1"] * 1900},
        ],
    )  # fmt: skip
    def test_odd_items_are_not_ticked(self, world: World, data: dict[str, Any]) -> None:
        world.submitted()
        assert browser(world.tl).post("/inbox/bulk/", data).status_code in (200, 422)

    @pytest.mark.parametrize(
        "data",
        [
            {"opinion": "\x00"}, {"opinion": MARKUP}, {"opinion": TEN_MEGABYTES},
            {"idempotency_key": "\x00"}, {"idempotency_key": "x" * 5000},
            {"idempotency_key": ""}, {"seen-x": "1"}, {"seen-1": "x"}, {"seen-" + "9" * 5000: "1"},
            {"seen-1": "9" * 5000}, {"seen-٣": "1"},
        ],
        ids=lambda data: str(data)[:24],
    )  # fmt: skip
    def test_odd_values_are_answered(self, world: World, data: dict[str, Any]) -> None:
        item = world.item(world.submitted())
        sent = {"item": [item.pk], "confirm": "1", "opinion": "同意", **data}
        if "seen-1" in sent:
            sent[f"seen-{item.pk}"] = sent.pop("seen-1")
        response = browser(world.tl).post("/inbox/bulk/", sent)
        assert response.status_code < 500
        assert "<script>alert(1)" not in response.content.decode()


JUNK: list[Any] = [
    None, True, -1, 0, 1.5, 10**30, "", " ", "x", "\x00", "a\x00b", "\ud800", "\ufffe", "😀",
    MARKUP, [], [None], ["x", 1, {}], {}, {"a": {"b": [1]}}, "9" * 5000, "x" * 2001, [10**30] * 3,
]  # fmt: skip


def api_path(target: Target, act: str) -> str:
    """The same act in the API: words are joined by hyphens there."""
    return f"/api/v1{target.path}".replace(act, act.replace("_", "-"))


class TestApi:
    @pytest.mark.parametrize("act", TARGETS)
    def test_any_field_may_hold_anything(self, world: World, act: str) -> None:
        target = TARGETS[act](world)
        client = browser(target.actor)
        events = target.case.events.count()
        spec = {**API_ITEM_ACTS, **API_CASE_ACTS}[act.replace("_", "-")]
        valid = {"seen_version": target.case.version, **target.data}
        if act == "approve_with_conditions":
            valid["conditions"] = ["配偶签字"]
        for name in spec.takes().fields:
            for value in JUNK:
                with undone():
                    data = {**valid, name: value}
                    response = client.post(
                        api_path(target, act), data, content_type="application/json",
                        headers={"Idempotency-Key": "key-00001"},
                    )  # fmt: skip
                    expect_an_answer(response, target, events, (act, name, value))

    @pytest.mark.parametrize(
        "body",
        [
            "", "{", "[]", "null", "1", '"x"', "NaN", '{"opinion": NaN}', "[" * 500,
            '{"opinion": "\\ud800", "seen_version": 1}', "\ufeff{}",
            '{"seen_version": ' + "9" * 5000 + "}", '{"opinion": 1, "opinion": 2}',
        ],
        ids=lambda body: body[:20] or "empty",
    )  # fmt: skip
    def test_bodies_that_are_no_act(self, world: World, body: str) -> None:
        target = TARGETS["approve"](world)
        response = browser(target.actor).post(
            api_path(target, "approve"), body, content_type="application/json",
            headers={"Idempotency-Key": "key-00001"},
        )  # fmt: skip
        expect_an_answer(response, target, 1, body)
        assert response.status_code in (400, 413, 422)

    @pytest.mark.parametrize("kind", ["text/plain", "application/xml", "", "multipart/form-data"])
    def test_other_kinds_of_content(self, world: World, kind: str) -> None:
        target = TARGETS["approve"](world)
        response = browser(target.actor).post(
            api_path(target, "approve"), b"x", content_type=kind,
            headers={"Idempotency-Key": "key-00001"},
        )  # fmt: skip
        expect_an_answer(response, target, 1, kind)

    @pytest.mark.parametrize("terms", ODD_NAMES, ids=lambda terms: repr(terms)[:12])
    def test_names_of_terms(self, world: World, terms: dict[str, str]) -> None:
        target = TARGETS["approve"](world)
        data = {"opinion": "同意", "seen_version": target.case.version, "terms": terms}
        response = browser(target.actor).post(
            api_path(target, "approve"), data, content_type="application/json",
            headers={"Idempotency-Key": "key-00001"},
        )  # fmt: skip
        expect_an_answer(response, target, 1, terms)
        assert response.status_code in (400, 422)

    @pytest.mark.parametrize(
        "key", ["", "x", "x" * 81, "x" * 9000, "键", "\x7f" * 9, "a b c d e f g"]
    )
    def test_odd_keys(self, world: World, key: str) -> None:
        target = TARGETS["approve"](world)
        data = {"opinion": "同意", "seen_version": target.case.version}
        response = browser(target.actor).post(
            api_path(target, "approve"), data, content_type="application/json",
            headers={"Idempotency-Key": key},
        )  # fmt: skip
        expect_an_answer(response, target, 1, key)

    @pytest.mark.parametrize(
        "path",
        ["inbox/?cursor=x", "inbox/?cursor=%00", "inbox/?q=%00", "inbox/?tab=x&kind=%00",
         "cases/?cursor=cD0x", "cases/?state=%00", "cases/?least=NaN", "cases/0/", "cases/x/",
         f"cases/{'9' * 30}/", "cases/1/snapshots/0/", "cases/1/snapshots/999999999/",
         f"work-items/{'9' * 5000}/", "flows/0/", f"flows/{'9' * 30}/"],
    )  # fmt: skip
    def test_odd_addresses(self, world: World, path: str) -> None:
        world.submitted()
        assert browser(world.tl).get(f"/api/v1/{path}").status_code in (200, 400, 404)
