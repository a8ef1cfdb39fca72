"""Small BPMN files as other tools write them."""

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'xmlns:lc="urn:lending-crm:workflow:1" targetNamespace="Examples">'
)
TAIL = "</definitions>"


def process(inner: str, extra: str = "") -> str:
    """A file with one process; the inner part is flow elements."""
    return f'{HEAD}{extra}<process id="p" name="Loan" isExecutable="true">{inner}</process>{TAIL}'


def around(element: str, element_id: str = "x") -> str:
    """Start, one stage, the element, end."""
    return process(
        '<startEvent id="s"/><userTask id="a" name="First check"/>'
        f'{element}<endEvent id="e"/>'
        '<sequenceFlow id="f1" sourceRef="s" targetRef="a"/>'
        f'<sequenceFlow id="f2" sourceRef="a" targetRef="{element_id}"/>'
        f'<sequenceFlow id="f3" sourceRef="{element_id}" targetRef="e"/>'
    )


VENDOR_APPROVAL = process(
    """
    <documentation>Two pairs of eyes</documentation>
    <startEvent id="s" name="Request&#10;arrived"/>
    <userTask id="a" name="Approve" camunda:candidateGroups="APP">
      <extensionElements><camunda:taskListener class="x"/></extensionElements>
    </userTask>
    <exclusiveGateway id="g" name="Large?" default="f4"/>
    <userTask id="b" name="Second check">
      <multiInstanceLoopCharacteristics isSequential="false"/>
    </userTask>
    <endEvent id="e" name="Done"/>
    <dataObject id="d" name="Form"/>
    <sequenceFlow id="f1" sourceRef="s" targetRef="a"/>
    <sequenceFlow id="f2" sourceRef="a" targetRef="g"/>
    <sequenceFlow id="f3" name="yes" sourceRef="g" targetRef="b">
      <conditionExpression xsi:type="tFormalExpression">${exposure &gt; 5000}</conditionExpression>
    </sequenceFlow>
    <sequenceFlow id="f4" sourceRef="g" targetRef="e"/>
    <sequenceFlow id="f5" sourceRef="b" targetRef="e"/>
    """
)

#: the same step as the tools that administrators come from write it
VENDOR_STEPS = {
    "camunda": '<userTask id="x" name="Check" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'camunda:assignee="mary" camunda:candidateGroups="risk,credit"/>',
    "flowable": '<userTask id="x" name="Check" xmlns:flowable="http://flowable.org/bpmn" '
    'flowable:assignee="mary" flowable:candidateUsers="risk,credit"/>',
    "activiti": '<userTask id="x" name="Check" xmlns:activiti="http://activiti.org/bpmn" '
    'activiti:candidateUsers="mary" activiti:candidateGroups="risk,credit"/>',
    "zeebe": '<userTask id="x" name="Check" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0">'
    '<extensionElements><zeebe:assignmentDefinition assignee="mary" '
    'candidateGroups="risk,credit"/></extensionElements></userTask>',
    "plain": '<userTask id="x" name="Check"><humanPerformer><resourceAssignmentExpression>'
    "<formalExpression>mary</formalExpression></resourceAssignmentExpression></humanPerformer>"
    "<potentialOwner><resourceAssignmentExpression><formalExpression>risk,credit"
    "</formalExpression></resourceAssignmentExpression></potentialOwner></userTask>",
}
