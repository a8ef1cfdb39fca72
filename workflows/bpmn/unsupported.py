"""What BPMN has and a route does not, each with what to do instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Advice(NamedTuple):
    kind: Promise
    advice: Promise


_SERVICE = _("Replace it with a service task whose handler an administrator chooses.")
_STAGES = _("Draw its steps as approval stages of this flow.")
_EVENT = _("Remove it: a route begins at its start event and waits only in approval stages.")

#: flow elements that are refused, by local name
ELEMENTS: Mapping[str, Advice] = {
    "task": Advice(
        pgettext_lazy("BPMN", "task without a type"), _("Make it a user task (an approval stage).")
    ),
    "manualTask": Advice(
        pgettext_lazy("BPMN", "manual task"), _("Make it a user task (an approval stage).")
    ),
    "receiveTask": Advice(
        pgettext_lazy("BPMN", "receive task"), _("Make it a user task (an approval stage).")
    ),
    "scriptTask": Advice(pgettext_lazy("BPMN", "script task"), _SERVICE),
    "businessRuleTask": Advice(
        pgettext_lazy("BPMN", "business rule task"),
        _("Put the rule into the conditions of a gateway, or use a service task."),
    ),
    "callActivity": Advice(pgettext_lazy("BPMN", "call activity"), _STAGES),
    "subProcess": Advice(pgettext_lazy("BPMN", "sub-process"), _STAGES),
    "adHocSubProcess": Advice(pgettext_lazy("BPMN", "ad-hoc sub-process"), _STAGES),
    "transaction": Advice(pgettext_lazy("BPMN", "transaction"), _STAGES),
    "eventBasedGateway": Advice(
        pgettext_lazy("BPMN", "event-based gateway"),
        _("Use an exclusive gateway with conditions, or a boundary timer on the stage."),
    ),
    "complexGateway": Advice(
        pgettext_lazy("BPMN", "complex gateway"),
        _("Use an exclusive, parallel or inclusive gateway."),
    ),
    "intermediateCatchEvent": Advice(pgettext_lazy("BPMN", "intermediate catching event"), _EVENT),
    "intermediateThrowEvent": Advice(pgettext_lazy("BPMN", "intermediate throwing event"), _EVENT),
    "implicitThrowEvent": Advice(pgettext_lazy("BPMN", "intermediate throwing event"), _EVENT),
    "event": Advice(pgettext_lazy("BPMN", "event"), _EVENT),
    "callChoreography": Advice(pgettext_lazy("BPMN", "choreography"), _STAGES),
    "choreographyTask": Advice(pgettext_lazy("BPMN", "choreography"), _STAGES),
    "subChoreography": Advice(pgettext_lazy("BPMN", "choreography"), _STAGES),
}

#: said of an element or flow that holds what the reader does not know
HOLDS = _("“%(element)s” (%(id)s) holds “%(kind)s”, which is not supported. Remove it.")

OTHER = Advice(pgettext_lazy("BPMN", "element of another kind"), _("Remove it from the diagram."))

#: event definitions by local name
EVENTS: Mapping[str, Promise] = {
    "messageEventDefinition": pgettext_lazy("BPMN", "message"),
    "timerEventDefinition": pgettext_lazy("BPMN", "timer"),
    "signalEventDefinition": pgettext_lazy("BPMN", "signal"),
    "errorEventDefinition": pgettext_lazy("BPMN", "error"),
    "escalationEventDefinition": pgettext_lazy("BPMN", "escalation"),
    "conditionalEventDefinition": pgettext_lazy("BPMN", "condition"),
    "compensateEventDefinition": pgettext_lazy("BPMN", "compensation"),
    "cancelEventDefinition": pgettext_lazy("BPMN", "cancellation"),
    "linkEventDefinition": pgettext_lazy("BPMN", "link"),
    "terminateEventDefinition": pgettext_lazy("BPMN", "terminate"),
    "eventDefinitionRef": pgettext_lazy("BPMN", "shared event definition"),
}

#: parts that say nothing about the route: left out with a notice that names them
IGNORED: Mapping[str, Promise] = {
    "dataObject": pgettext_lazy("BPMN", "data object"),
    "dataObjectReference": pgettext_lazy("BPMN", "data object"),
    "dataStoreReference": pgettext_lazy("BPMN", "data store"),
    "group": pgettext_lazy("BPMN", "group"),
}

#: parts inside an element that say nothing about the route
IGNORED_PARTS = frozenset(
    {
        "documentation",
        "extensionElements",
        "auditing",
        "monitoring",
        "categoryValueRef",
        "incoming",
        "outgoing",
        "ioSpecification",
        "property",
        "dataInput",
        "dataOutput",
        "dataInputAssociation",
        "dataOutputAssociation",
        "inputSet",
        "outputSet",
        "resourceRole",
        "performer",
        "humanPerformer",
        "potentialOwner",
        "rendering",
    }
)
