"""The parts of one sequence flow of a BPMN file."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from lxml import etree

from workflows.bpmn.conditions import Condition
from workflows.bpmn.feel import from_feel
from workflows.bpmn.feel_lexer import ConditionTextError
from workflows.bpmn.namespaces import BPMN
from workflows.bpmn.namespaces import bpmn as _bpmn
from workflows.bpmn.unsupported import HOLDS, IGNORED_PARTS
from workflows.bpmn.vendor_settings import Add

_PARTS = frozenset({"conditionExpression", *IGNORED_PARTS})


def read_condition(
    node: etree._Element, fact_types: Mapping[str, str], add: Add
) -> Condition | None:
    """The flow's condition; None without one, and with a finding when it cannot be read."""
    expression = node.find(_bpmn("conditionExpression"))
    text = "".join(expression.itertext()) if expression is not None else ""
    if not text.strip():
        return None
    try:
        return from_feel(text, fact_types)
    except ConditionTextError as error:
        add(
            "condition",
            node,
            _(
                "The condition of the flow “%(element)s” (%(id)s), “%(text)s”, cannot be "
                "read. %(reason)s Use comparisons of one field with one value, joined "
                "by and/or."
            ),
            text=text.strip()[:80],
            reason=_Reason(error),
        )
        return None


def has_only_known_parts(node: etree._Element, add: Add) -> bool:
    """Whether nothing is refused: a misspelt condition must not make a flow unconditional."""
    for child in node:
        name = etree.QName(child)
        if name.namespace == BPMN and name.localname not in _PARTS:
            add(
                "unsupported",
                node,
                HOLDS,
                kind=name.localname,
            )
            return False
    return True


class _Reason:
    """An error's sentence, put into words only when it is shown."""

    def __init__(self, error: ConditionTextError) -> None:
        self.error = error

    def __str__(self) -> str:
        return self.error.message
