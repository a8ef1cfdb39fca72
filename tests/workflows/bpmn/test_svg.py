"""The route as a picture: self-contained, safe, and readable without colour."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.workflows.bpmn.strategies import definitions, facts
from workflows.bpmn.chain import Chain, ChainCopy, ChainStage, from_chain
from workflows.bpmn.conditions import Comparison, Operator
from workflows.bpmn.model import DecideMode, StageSettings
from workflows.bpmn.svg import render_svg
from workflows.bpmn.text import shorten, width_of, wrap, wrap_evenly
from workflows.bpmn.theme import Mark, State
from workflows.bpmn.walk import start

SVG = "{http://www.w3.org/2000/svg}"
ALLOWED = {"svg", "g", "title", "desc", "rect", "circle", "path", "polygon", "text"}
NOON = datetime(2026, 11, 20, 4, 30, tzinfo=UTC)


def route():
    condition = Comparison("exposure", Operator.GT, Decimal(3000000))
    return from_chain(
        Chain(
            "p",
            "业务申请审批",
            "Business application",
            (
                ChainStage("a", "部门主管", "Department head"),
                ChainStage("b", "分公司风控经理", "Branch risk"),
                ChainStage(
                    "c", "风控委员会", "Committee", StageSettings(decide=DecideMode.VOTE), condition
                ),
                ChainCopy("d", "抄送财务", "Copy"),
            ),
        )
    )


def texts(svg):
    root = etree.fromstring(svg.encode())
    return [node.text for node in root.iter(f"{SVG}text")]


class TestRenderSvg:
    def test_shows_every_state_in_words(self):
        marks = {
            "a": Mark(State.DONE, ("张伟",), NOON),
            "b": Mark(State.CURRENT, ("李娜", "王强"), None, Decimal("5.50")),
            "c": Mark(State.SKIPPED),
        }
        svg = render_svg(
            route(),
            marks=marks,
            taken={"start_to_a", "a_to_b"},
            language="en",
            condition_words={"c_gateway_to_c": "Exposure > 3m"},
            returns=[("b", "a", 1), ("b", "start", 2)],
        )
        shown = texts(svg)

        assert "Branch risk" in shown
        assert "张伟 11-20 12:30" in shown
        assert "waiting 5.5 h" in shown
        assert "vote" in shown
        assert "Exposure > 3m" in shown
        assert "returned in round 1" in shown
        assert {"Done", "Waiting", "Skipped"} <= set(shown)
        assert "Rejected" not in shown

    def test_the_taken_way_is_thick(self):
        svg = render_svg(route(), taken={"start_to_a"}, language="en")
        root = etree.fromstring(svg.encode())
        widths = {
            group.get("data-flow"): group.find(f"{SVG}path").get("stroke-width")
            for group in root.iter(f"{SVG}g")
            if group.get("data-flow")
        }

        assert widths["start_to_a"] == "3"
        assert widths["a_to_b"] == "1.4"

    @settings(max_examples=25, deadline=None)
    @given(
        definitions(),
        facts(),
        st.sampled_from(["horizontal", "vertical"]),
        st.sampled_from(["light", "dark"]),
        st.sampled_from(["zh-hans", "en"]),
    )
    def test_any_route_gives_a_safe_document(self, definition, known, turned, theme, language):
        walk = start(definition, known)
        marks = {stage: Mark(State.CURRENT, ("<b>Li</b>",)) for stage in walk.open_stages}
        svg = render_svg(
            definition,
            marks=marks,
            taken=walk.taken,
            language=language,
            theme=theme,
            orientation=turned,
            returns=[(stage, definition.start.id, 1) for stage in walk.open_stages],
        )
        root = etree.fromstring(svg.encode())

        for node in root.iter():
            assert etree.QName(node).localname in ALLOWED
            assert not {"style", "class", "href", "onload"} & set(node.attrib)
            assert "url(" not in "".join(node.attrib.values())
        assert root.get("role") == "img"
        assert root[0].tag == f"{SVG}title"

    def test_markup_and_control_characters_in_names_stay_text(self):
        name = '<script>alert("1")</script>&amp;\x00\x1b\u202e'
        definition = from_chain(Chain("p", name, nodes=(ChainStage("a", name),)))
        svg = render_svg(
            definition,
            marks={"a": Mark(State.DONE, (name,), NOON)},
            language="zh-hans",
            description=name,
            condition_words={"start_to_a": name},
        )

        assert "<script" not in svg
        assert "\x00" not in svg
        etree.fromstring(svg.encode())

    def test_the_same_route_gives_the_same_picture(self):
        assert render_svg(route(), language="en") == render_svg(route(), language="en")

    def test_is_chinese_for_chinese_readers(self, chinese):
        svg = render_svg(
            route(),
            marks={"a": Mark(State.RETURNED, ("张伟",), NOON)},
            language="zh-hans",
            returns=[("a", "start", 1)],
        )
        shown = texts(svg)

        assert {"部门主管", "票签", "抄送", "第 1 轮退回", "已退回"} <= set(shown)
        assert "其他情况" in shown

    def test_a_jump_from_a_node_of_another_version_is_left_out(self):
        svg = render_svg(route(), language="en", returns=[("gone", "a", 1)])

        assert "returned" not in svg

    def test_reads_out_its_description(self):
        root = etree.fromstring(render_svg(route(), language="en", description="One. Two."))

        assert (root[0].text, root[1].text) == ("Business application", "One. Two.")


class TestWrap:
    @settings(max_examples=200, deadline=None)
    @given(st.text(max_size=60), st.integers(40, 160), st.integers(1, 4))
    def test_lines_fit_and_are_few(self, text, width, lines):
        for wrapped in (wrap(text, 12, width, lines), wrap_evenly(text, 12, width, lines)):
            assert len(wrapped) <= lines
            assert all(width_of(line, 12) <= width for line in wrapped)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("分公司风控经理审批", ["分公司风控", "经理审批"]),
            ("Branch general manager", ["Branch general", "manager"]),
            ("总裁", ["总裁"]),
            ("", []),
        ],
    )
    def test_lines_are_balanced_and_words_whole(self, text, expected):
        assert wrap_evenly(text, 13, 106, 2) == expected

    def test_what_does_not_fit_is_shortened(self):
        assert wrap("一二三四五六七八九十", 10, 40, 2) == ["一二三四", "五六七…"]
        assert shorten("一二三四五", 10, 30) == "一二…"
