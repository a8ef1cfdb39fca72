"""Routes as BPMN 2.0 files: nothing is lost on the way out and back, nothing harmful gets in."""

import dataclasses
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.bpmn.samples import HEAD, TAIL, VENDOR_APPROVAL, around, process
from tests.workflows.bpmn.strategies import FACT_TYPES, definitions
from workflows.bpmn.chain import Chain, ChainStage, from_chain
from workflows.bpmn.conditions import Comparison, Operator
from workflows.bpmn.model import BoundaryTimer, DecideMode, EndKind, Layout
from workflows.bpmn.parsing import parse, schema_findings
from workflows.bpmn.xml import BpmnRefused, inspect, read, write

STAGE_XML = '<userTask id="x" name="Check"><extensionElements>{}</extensionElements></userTask>'


def refusals(xml):
    """Codes and sentences of a refused file; the file must be refused."""
    with pytest.raises(BpmnRefused) as caught:
        read(xml, fact_types=FACT_TYPES)
    assert all(finding.message for finding in caught.value.findings)
    return {finding.code: finding for finding in caught.value.findings}


class TestWrite:
    @settings(max_examples=60, deadline=None)
    @given(definitions())
    def test_nothing_is_lost(self, definition):
        text = write(definition)

        assert read(text, fact_types=FACT_TYPES) == definition
        assert read(text.encode(), fact_types=FACT_TYPES) == definition

    @settings(max_examples=40, deadline=None)
    @given(definitions())
    def test_the_file_follows_the_omg_schema(self, definition):
        assert schema_findings(parse(write(definition))) == []

    @settings(max_examples=30, deadline=None)
    @given(definitions())
    def test_the_same_definition_gives_the_same_bytes(self, definition):
        text = write(definition)

        assert write(definition) == text
        assert write(read(text, fact_types=FACT_TYPES)) == text

    def test_a_layout_of_its_own_is_kept(self):
        definition = from_chain(Chain("p", "P", nodes=(ChainStage("a", "A"),)))
        drawn = read(write(definition), fact_types={})
        shapes = {
            key: dataclasses.replace(box, x=box.x + 0.5) for key, box in drawn.layout.shapes.items()
        }
        moved = dataclasses.replace(drawn, layout=Layout(shapes, drawn.layout.edges))

        assert read(write(moved), fact_types={}).layout == moved.layout

    def test_refuses_text_that_xml_cannot_hold(self):
        with pytest.raises(ValueError):
            write(from_chain(Chain("p", "a\x00b", nodes=(ChainStage("a"),))))


class TestRead:
    def test_a_file_of_another_tool(self):
        reading = inspect(VENDOR_APPROVAL, fact_types=FACT_TYPES)
        definition = reading.definition

        assert definition.title("zh") == "Loan"
        assert definition.start.name == "Request arrived"
        assert definition.stage("b").settings.decide is DecideMode.ALL
        assert definition.flows["f3"].condition == Comparison(
            "exposure", Operator.GT, Decimal(5000)
        )
        notes = {finding.code: finding for finding in reading.findings}
        assert set(notes) == {"vendor-settings", "left-out"}
        assert not any(finding.is_error for finding in reading.findings)
        assert "“Approve” (a)" in notes["vendor-settings"].message
        assert "candidateGroups, taskListener" in notes["vendor-settings"].message
        assert "“Form” (d)" in notes["left-out"].message

    def test_lanes_annotations_and_timers(self):
        definition = read(
            process(
                '<laneSet id="ls"><lane id="l" name="Branch"><flowNodeRef>a</flowNodeRef></lane>'
                '</laneSet><startEvent id="s"/><userTask id="a" name="A"/>'
                '<boundaryEvent id="t" attachedToRef="a" cancelActivity="false">'
                "<timerEventDefinition><timeDuration>PT4H</timeDuration></timerEventDefinition>"
                '</boundaryEvent><endEvent id="e"/>'
                '<endEvent id="e2"><terminateEventDefinition/></endEvent>'
                '<sequenceFlow id="f1" sourceRef="s" targetRef="a"/>'
                '<sequenceFlow id="f2" sourceRef="a" targetRef="e"/>'
                '<sequenceFlow id="f3" sourceRef="t" targetRef="e2"/>'
                '<textAnnotation id="n"><text>four eyes</text></textAnnotation>'
                '<association id="as" sourceRef="n" targetRef="a"/>'
            ),
            fact_types={},
        )

        assert definition.elements["t"] == BoundaryTimer("t", "", "", "a", False, "PT4H")
        assert definition.elements["e2"].kind is EndKind.TERMINATED
        assert definition.lanes[0].members == ("a",)
        assert definition.annotations[0].attached_to == "a"

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030", "utf-8-sig"])
    def test_other_encodings(self, encoding):
        text = write(from_chain(Chain("p", "业务申请", nodes=(ChainStage("a", "部门主管"),))))
        data = text.replace("UTF-8", encoding.removesuffix("-sig")).encode(encoding)

        assert read(data, fact_types={}).name == "业务申请"


class TestRefuse:
    @pytest.mark.parametrize(
        ("element", "word"),
        [
            ('<task id="x" name="Odd one"/>', "task without a type"),
            ('<manualTask id="x" name="Odd one"/>', "manual task"),
            ('<receiveTask id="x" name="Odd one"/>', "receive task"),
            ('<scriptTask id="x" name="Odd one"/>', "script task"),
            ('<businessRuleTask id="x" name="Odd one"/>', "business rule task"),
            ('<callActivity id="x" name="Odd one"/>', "call activity"),
            ('<subProcess id="x" name="Odd one"/>', "sub-process"),
            ('<adHocSubProcess id="x" name="Odd one"/>', "ad-hoc sub-process"),
            ('<transaction id="x" name="Odd one"/>', "transaction"),
            ('<eventBasedGateway id="x" name="Odd one"/>', "event-based gateway"),
            ('<complexGateway id="x" name="Odd one"/>', "complex gateway"),
            (
                '<intermediateCatchEvent id="x" name="Odd one"><messageEventDefinition/>'
                "</intermediateCatchEvent>",
                "intermediate catching event",
            ),
            ('<intermediateThrowEvent id="x" name="Odd one"/>', "intermediate throwing event"),
            (
                '<startEvent id="x" name="Odd one"><timerEventDefinition/></startEvent>',
                "timer",
            ),
            (
                '<endEvent id="x" name="Odd one"><errorEventDefinition/></endEvent>',
                "error",
            ),
            (
                '<boundaryEvent id="x" name="Odd one" attachedToRef="a">'
                "<messageEventDefinition/></boundaryEvent>",
                "message",
            ),
            (
                '<userTask id="x" name="Odd one"><standardLoopCharacteristics/></userTask>',
                "standardLoopCharacteristics",
            ),
            ('<userTask id="x" name="Odd one" isForCompensation="true"/>', "compensation"),
        ],
    )
    def test_every_other_element_is_named(self, element, word):
        found = refusals(around(element))["unsupported"]

        assert found.element_id == "x"
        assert "“Odd one” (x)" in found.message
        assert word in found.message

    @pytest.mark.parametrize(
        ("xml", "code"),
        [
            (
                around(
                    '<userTask id="x"><multiInstanceLoopCharacteristics><completionCondition>'
                    "a</completionCondition></multiInstanceLoopCharacteristics></userTask>"
                ),
                "completion-condition",
            ),
            (around('<userTask id="x" default="f3"/>'), "default-on-task"),
            (around('<exclusiveGateway id="x" default="f1"/>'), "default-flow"),
            (
                around(
                    '<boundaryEvent id="x" attachedToRef="a"><timerEventDefinition>'
                    "<timeDate>2026-01-01</timeDate></timerEventDefinition></boundaryEvent>"
                ),
                "unsupported",
            ),
            (
                around(
                    '<boundaryEvent id="x" attachedToRef="s"><timerEventDefinition>'
                    "<timeDuration>PT1H</timeDuration></timerEventDefinition>"
                    "</boundaryEvent>"
                ),
                "timer-host",
            ),
            (around(f'<userTask id="x" name="{"n" * 201}"/>'), "name-too-long"),
            (around('<userTask id="a"/>', "a"), "duplicate-id"),
            (
                process('<startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="q"/>'),
                "dangling-flow",
            ),
            (process("<userTask/>"), "missing-id"),
            (
                process(
                    '<laneSet><lane id="l"><childLaneSet/></lane></laneSet><startEvent id="s"/>'
                ),
                "unsupported",
            ),
            (process(""), "no-process"),
            (
                f'{HEAD}<process id="p"><startEvent id="s"/></process>'
                f'<process id="q"><startEvent id="r"/></process>{TAIL}',
                "several-processes",
            ),
            (
                process(
                    '<startEvent id="s"/>',
                    '<collaboration id="c"><participant id="k"/>'
                    '<messageFlow id="m" sourceRef="k" targetRef="k"/></collaboration>',
                ),
                "unsupported",
            ),
            (process('<startEvent id="1x"/>'), "schema"),
            (
                around("<userTask id='x'/>").replace(
                    'sourceRef="x" targetRef="e"/>',
                    'sourceRef="x" targetRef="e"><conditionExpression>a + 1</conditionExpression>'
                    "</sequenceFlow>",
                ),
                "condition",
            ),
        ],
    )
    def test_other_mistakes(self, xml, code):
        assert code in refusals(xml)

    @pytest.mark.parametrize(
        "settings_xml",
        [
            '<lc:stage decide="SOMETIMES"/>',
            '<lc:stage colour="red"/>',
            '<lc:stage reasonLength="99999999999999999999999999"/>',
            '<lc:stage limitHours="NaN"/>',
            '<lc:stage><lc:vote quorum="1/0"/></lc:stage>',
            '<lc:stage><lc:assignee kind="GHOST"/></lc:stage>',
            "<lc:stage><lc:assignee/></lc:stage>",
            '<lc:stage><lc:assignee kind="PEOPLE" people="1 x"/></lc:stage>',
            '<lc:stage><lc:action name="explode"/></lc:stage>',
            "<lc:stage><lc:surprise/></lc:stage>",
        ],
    )
    def test_settings_that_are_not_ours(self, settings_xml):
        found = refusals(around(STAGE_XML.format(settings_xml)))["setting"]

        assert (found.element_id, found.element_name) == ("x", "Check")

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"", "file-empty"),
            ("", "file-empty"),
            (b"hello", "file-not-xml"),
            (b"\x00\x01\x02", "file-not-xml"),
            (b"\xff\xfe\x00", "file-encoding"),
            (b"<a", "file-not-xml"),
            (b"<html/>", "file-not-bpmn"),
            (b"\x89PNG\r\n\x1a\n", "file-encoding"),
            (b'<?xml version="1.0" encoding="klingon"?><a/>', "file-encoding"),
            ("业务".encode("gb18030"), "file-encoding"),
            ("<a>\ud800</a>", "file-encoding"),
            (HEAD.replace("20100524", "19990101") + TAIL, "file-not-bpmn"),
            ("x" * (5 * 1024 * 1024 + 1), "file-too-large"),
            (HEAD + "<a>" * 100 + "</a>" * 100 + TAIL, "file-too-deep"),
            (HEAD + "<a>" * 5000 + "</a>" * 5000 + TAIL, "file-not-xml"),
            (HEAD + "<a/>" * 60_000 + TAIL, "file-too-large"),
            ('<!DOCTYPE a [<!ENTITY x "y">]>' + process("&x;"), "file-dtd"),
            ('<!-- c --><?p i?> <!DOCTYPE a SYSTEM "http://localhost/x"><a/>', "file-dtd"),
        ],
        ids=lambda value: str(value)[:20] if isinstance(value, str) else None,
    )
    def test_what_is_no_bpmn_file(self, data, code):
        assert set(refusals(data)) == {code}

    def test_an_entity_reads_no_file(self):
        bomb = HEAD + "&xxe;" + TAIL

        assert set(refusals(bomb)) == {"file-not-xml"}

    @settings(max_examples=200, deadline=None)
    @given(st.data())
    def test_a_damaged_file_is_read_or_refused(self, data):
        text = data.draw(st.sampled_from([VENDOR_APPROVAL, around('<userTask id="x"/>')]))
        at = data.draw(st.integers(0, len(text)))
        until = data.draw(st.integers(at, min(len(text), at + 30)))
        damaged = text[:at] + data.draw(st.text(max_size=6)) + text[until:]

        inspect(damaged, fact_types=FACT_TYPES)

    @settings(max_examples=100, deadline=None)
    @given(st.binary(max_size=60))
    def test_any_bytes_are_refused(self, data):
        assert inspect(data, fact_types=FACT_TYPES).definition is None
