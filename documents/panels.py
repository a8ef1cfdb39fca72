"""相关对象: related lists that apps put on the pages of records of the apps below them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from staff.models import Employee

Label = str | Promise


@dataclass(frozen=True)
class PanelContent:
    """What one related list shows.

    ``data`` is ``data`` in the panel's template; ``new_url`` opens 新建, ``new_reason`` says
    why there is none.
    """

    count: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)
    new_url: str = ""
    new_reason: Label = ""


Load = Callable[[Any, Employee], PanelContent | None]


@dataclass(frozen=True)
class Panel:
    """A related list on the page of a ``subject``: customer, contact, opportunity, or the code
    of a kind of document.

    ``load`` gets the record and the reader, asks at most one query and returns None when the
    reader shall not see the list. ``new_label`` is also the page's button at the top. A list
    that ``is_later`` is asked for once the page is there, so that no page gets slower with
    each app that hangs something on it.
    """

    subject: str
    code: str
    title: Label
    template: str
    load: Load
    order: int = 100
    new_label: Label = ""
    empty: Label = ""
    is_later: bool = False


@dataclass(frozen=True)
class ShownPanel:
    panel: Panel
    content: PanelContent


_panels: list[Panel] = []


def register_panel(panel: Panel) -> None:
    """Put a related list on a page; called from ``AppConfig.ready``."""
    if any(known.subject == panel.subject and known.code == panel.code for known in _panels):
        raise ValueError(f"panel {panel.code!r} of {panel.subject} is registered twice")
    _panels.append(panel)


def panels_of(
    subject: str, record: Any, user: Employee, *, later: bool = False
) -> list[ShownPanel]:
    """The registered lists of this page, loaded, in order: its own, or those of ``later``."""
    mine = sorted(
        (panel for panel in _panels if panel.subject == subject and panel.is_later == later),
        key=lambda panel: panel.order,
    )
    loaded = ((panel, panel.load(record, user)) for panel in mine)
    return [ShownPanel(panel, content) for panel, content in loaded if content is not None]
