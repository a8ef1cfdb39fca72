"""The result page of an import: findings, the drawing, and the route in words."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import get_language

from workflows.bpmn.layout import Orientation
from workflows.bpmn.svg import render_svg
from workflows.bpmn.theme import THEMES
from workflows.bpmn.words import condition_words, route_words
from workflows.bpmn.xml import write
from workflows.choices import VersionState
from workflows.exchange import FileCheck, check_file
from workflows.kinds import kind_for
from workflows.models import FlowDefinition, FlowVersion
from workflows.screens.flows import Names


@dataclass(frozen=True)
class Picture:
    """The same drawing for a light and a dark page, as addresses that hold it themselves."""

    light: str
    dark: str


@dataclass(frozen=True)
class ImportPage:
    """``bpmn`` is the route as it would be kept; ``draft`` is what it would replace.

    ``wide`` and ``narrow`` are the drawing, which is kept nowhere, for a desk and for a phone.
    """

    found: FileCheck
    draft: FlowVersion | None
    bpmn: str = ""
    wide: Picture | None = None
    narrow: Picture | None = None
    words: Sequence[str] = ()


def load_import(flow: FlowDefinition, data: bytes) -> ImportPage:
    """What a file would become in this flow; nothing is kept."""
    found = check_file(data, flow.document_kind)
    draft = flow.versions.filter(state=VersionState.DRAFT).first()
    definition = found.definition
    if definition is None:
        return ImportPage(found, draft)
    facts = kind_for(flow.document_kind).condition_facts
    language = get_language() or "zh-hans"
    labels = condition_words(definition, facts, language=language)

    def picture(orientation: Orientation) -> Picture:
        light, dark = (
            render_svg(
                definition,
                language=language,
                theme=theme,
                condition_words=labels,
                orientation=orientation,
            )
            for theme in THEMES
        )
        return Picture(_address(light), _address(dark))

    return ImportPage(
        found,
        draft,
        bpmn=write(definition),
        wide=picture("horizontal"),
        narrow=picture("vertical"),
        words=route_words(definition, facts, resolve=Names(definition)),
    )


def _address(svg: str) -> str:
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"
