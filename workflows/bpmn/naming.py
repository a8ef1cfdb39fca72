"""Findings that name their element in the active language."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext

from workflows.bpmn.findings import Finding, Severity
from workflows.bpmn.model import Definition, Element, Gateway, SequenceFlow


def active_language() -> str:
    return get_language() or "zh-hans"


def shown_title(definition: Definition, element_id: str) -> str:
    """The element's title; a gateway without one is told apart by where it leads."""
    element = definition.elements.get(element_id)
    title = element.title(active_language()) if element else ""
    if not title and isinstance(element, Gateway):
        ahead = [definition.elements[way.target] for way in definition.outgoing(element_id)]
        shown = " / ".join(filter(None, (each.title(active_language()) for each in ahead)))
        return gettext("Gateway: %(ways)s") % {"ways": shown or element_id}
    return title or element_id


def about_element(
    code: str,
    element: Element,
    sentence: str | Promise,
    severity: Severity = Severity.ERROR,
    **params: Any,
) -> Finding:
    """A finding about an element, by its title."""
    title = element.title(active_language())
    return Finding(code, element.id, title, sentence, params, severity)


def about_flow(
    definition: Definition,
    code: str,
    flow: SequenceFlow,
    sentence: str | Promise,
    severity: Severity = Severity.ERROR,
    **params: Any,
) -> Finding:
    """A finding about a flow, which is named by its ends when it has no name."""
    source, target = (
        definition.elements[end].title(active_language()) or end
        for end in (flow.source, flow.target)
    )
    name = flow.name or f"{source} → {target}"
    return Finding(code, flow.id, name, sentence, params, severity)


def about_route(code: str, sentence: str | Promise, **params: Any) -> Finding:
    """A finding about the route as a whole."""
    return Finding(code, "", "", sentence, params)
