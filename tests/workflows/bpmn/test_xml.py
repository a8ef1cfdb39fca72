"""Routes as BPMN 2.0 files: nothing is lost on the way out and back, nothing harmful gets in."""

import dataclasses
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.bpmn.samples import (
    HEAD,
    TAIL,
    VENDOR_APPROVAL,
    VENDOR_STEPS,
    around,
    process,
)
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


def many(attribute: str) -> str:
    return " ".join(f'{attribute.format(number)}="u{number}"' for number in range(300))


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
        assert set(notes) == {"vendor-assignment", "vendor-settings", "left-out"}
        assert not any(finding.is_error for finding in reading.findings)
        assert "“Approve” (a)" in notes["vendor-settings"].message
        assert "(taskListener)" in notes["vendor-settings"].message
        assert "given to candidateGroups “APP”" in notes["vendor-assignment"].message
        assert "“Form” (d)" in notes["left-out"].message

    @pytest.mark.parametrize("vendor", VENDOR_STEPS)
    def test_an_assignment_of_another_tool_is_to_be_filled_in(self, vendor):
        reading = inspect(around(VENDOR_STEPS[vendor]), fact_types={})
        found = [each for each in reading.findings if each.code == "vendor-assignment"]

        assert reading.definition.stage("x").settings.assignees == ()
        assert [(each.element_id, each.is_error) for each in found] == [("x", False)]
        assert "“mary”" in found[0].message
        assert "“risk,credit”" in found[0].message

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("${risk_class.equals('A')}", Comparison("risk_class", Operator.EQ, "A")),
            (
                "${execution.getVariable('risk_class') != 'A'}",
                Comparison("risk_class", Operator.NE, "A"),
            ),
            (
                "bpmn:getDataObject('risk_class') = 'A'",
                Comparison("risk_class", Operator.EQ, "A"),
            ),
            ("${!(exposure > 5)}", Comparison("exposure", Operator.LE, Decimal(5))),
            ("= exposure > 5", Comparison("exposure", Operator.GT, Decimal(5))),
        ],
    )
    def test_conditions_of_other_tools_are_translated(self, text, expected):
        xml = VENDOR_APPROVAL.replace("${exposure &gt; 5000}", text.replace(">", "&gt;"))

        assert read(xml, fact_types=FACT_TYPES).flows["f3"].condition == expected

    @pytest.mark.parametrize("prefix", ["bpmn2", "semantic", "业务", "a.b-c"])
    def test_any_prefix_will_do(self, prefix):
        text = write(from_chain(Chain("p", "P", nodes=(ChainStage("a", "A"),))))
        renamed = text.replace("bpmn:", f"{prefix}:").replace("xmlns:bpmn=", f"xmlns:{prefix}=")

        assert read(renamed, fact_types={}) == read(text, fact_types={})

    def test_references_with_a_prefix(self):
        timer = (
            '<boundaryEvent id="x" attachedToRef="my:a" xmlns:my="Examples"><timerEventDefinition>'
            "<timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>"
        )
        drawn = read(write(read(around(timer), fact_types={})), fact_types={})
        prefixed = write(drawn).replace('bpmnElement="', 'xmlns:my="Examples" bpmnElement="my:')

        assert drawn.elements["x"].attached_to == "a"
        assert read(prefixed, fact_types={}).layout == drawn.layout

    @pytest.mark.parametrize(
        ("declared", "encoding"),
        [
            ("UTF-16", "utf-16"),
            ("UTF-16", "utf-16-le"),
            ("UTF-16", "utf-16-be"),
            ("UTF-16", "utf-8"),
            ("GBK", "utf-8"),
            ("GB2312", "gb18030"),
            ("Big5", "big5"),
            ("UTF-8", "utf-16"),
        ],
    )
    def test_files_that_declare_another_encoding_than_they_have(self, declared, encoding):
        text = around('<userTask id="x" name="部門主管"/>').replace("Loan", "業務申請")
        data = text.replace("UTF-8", declared).encode(encoding)

        assert read(data, fact_types={}).name == "業務申請"

    def test_what_is_invalid_but_never_read_is_a_warning(self):
        xml = VENDOR_APPROVAL.replace(
            '<dataObject id="d" name="Form"/>',
            '<dataObject id="d" name="Form"><dataState>x</dataState></dataObject>',
        ).replace('targetNamespace="Examples"', 'exporter="old"')
        reading = inspect(xml, fact_types=FACT_TYPES)
        schema = [each for each in reading.findings if each.code == "schema"]

        assert reading.definition == read(VENDOR_APPROVAL, fact_types=FACT_TYPES)
        assert "d" in [each.element_id for each in schema]
        assert not any(each.is_error for each in schema)

    def test_a_harmless_departure_hides_no_other(self):
        """The schema's report ends at the first mistake among siblings."""
        late = '<documentation>late</documentation><userTask id="no/id" name="Odd"/>'
        reading = inspect(around(late, "no/id"), fact_types={})

        assert reading.definition is None
        said = [finding.message for finding in reading.findings if finding.is_error]
        assert sum("“Odd” (no/id) is not valid BPMN 2.0" in each for each in said) == 1
        assert inspect(around(late.replace("no/id", "x")), fact_types={}).definition is not None

    def test_a_pool_without_a_process_is_left_out_by_name(self):
        pools = (
            '<collaboration id="c"><participant id="k" name="Customer"/>'
            '<participant id="bank" name="Bank" processRef="p"/></collaboration>'
        )
        xml = VENDOR_APPROVAL.replace('<process id="p"', pools + '<process id="p"')
        reading = inspect(xml, fact_types=FACT_TYPES)

        assert reading.definition is not None
        assert "“Customer” (k)" in " ".join(each.message for each in reading.findings)
        assert "Bank" not in " ".join(each.message for each in reading.findings)

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
            (around(f'<userTask id="x" name="{"n" * 121}"/>'), "name-too-long"),
            (around(f'<userTask id="{"i" * 101}"/>', "i" * 101), "id-too-long"),
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

    def test_every_part_of_an_element_and_every_process_is_named(self):
        first = (
            '<startEvent id="s" name="First"><messageEventDefinition/>'
            '<timerEventDefinition/></startEvent><scriptTask id="t" name="Script"/>'
        )
        second = '<startEvent id="r"/><callActivity id="u" name="Call"/>'
        with pytest.raises(BpmnRefused) as caught:
            read(
                f'{HEAD}<process id="p">{first}</process><process id="q" name="Second">{second}'
                f"</process>{TAIL}",
                fact_types={},
            )
        said = " ".join(each.message for each in caught.value.findings)

        for word in ("kind “message”", "kind “timer”", "“Script” (t)", "“Call” (u)", "“Second”"):
            assert word in said

    def test_a_misspelt_condition_does_not_become_a_plain_flow(self):
        xml = VENDOR_APPROVAL.replace("conditionExpression", "conditionExpresion")

        assert refusals(xml)["unsupported"].element_id == "f3"

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
            (b"PK\x03\x04zip", "file-archive"),
            (b'<?xml version="1.0" encoding="unicode_escape"?><a/>', "file-encoding"),
            (b'<?xml version="1.0" encoding="utf-7"?><a/>', "file-encoding"),
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
            (process(f"<userTask {many('a{}')}/>"), "file-too-wide"),
            (HEAD.replace("xmlns=", f"{many('xmlns:n{}')} xmlns=", 1) + TAIL, "file-too-wide"),
            (process("<b/>").encode("utf-16")[:-1], "file-encoding"),
            (process("<b/>").encode("utf-32"), "file-not-xml"),
            (f'<?xml version="1.0" encoding="GBK"?>{HEAD}审批'.encode("gbk")[:-1], "file-encoding"),
            ("<!--" + " -" * 1_000_000, "file-not-xml"),
            (HEAD + "<![CDATA[" + "]]" * 1_000_000, "file-not-xml"),
            ('<!DOCTYPE a [<!ENTITY x "y">]>' + process("&x;"), "file-dtd"),
            ('<!-- c --><?p i?> <!DOCTYPE a SYSTEM "http://localhost/x"><a/>', "file-dtd"),
        ],
        ids=lambda value: str(value)[:20] if isinstance(value, str) else None,
    )
    def test_what_is_no_bpmn_file(self, data, code):
        assert set(refusals(data)) == {code}

    def test_a_file_that_is_wrong_all_over_is_refused_in_one_sentence(self):
        """Looking up each of its departures would take minutes."""
        found = inspect(
            process("".join(f'<userTask id="t{n}" wrong="1"/>' for n in range(1500))),
            fact_types=FACT_TYPES,
        )

        (schema,) = [each for each in found.findings if each.code == "schema"]
        assert schema.is_error
        assert "1000" in schema.message

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
