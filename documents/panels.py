"""相关对象: related lists that apps put on the pages of records of the apps below them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from staff.models import Employee

Label = str | Promise


@dataclass(frozen=True)
class PanelContent:
    """What one related list shows.

    ``data`` is ``data`` in the panel's template; ``new_url`` opens 新建, ``new_reason`` says
    why there is none. What ``is_for_rows`` is shown only where the list has a row.
    """

    count: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)
    new_url: str = ""
    new_reason: Label = ""
    is_for_rows: bool = False


Load = Callable[[Any, Employee], PanelContent | None]
#: several lists of one page at once, in the order in which they are given
LoadTogether = Callable[["Sequence[Panel]", Any, Employee], "list[PanelContent]"]


@dataclass(frozen=True)
class Panel:
    """A related list on the page of a ``subject``: customer, contact, opportunity, or the code
    of a kind of document.

    ``load`` gets the record and the reader, asks at most one query and returns None when the
    reader shall not see the list. ``new_label`` is also the page's button at the top. A list
    that ``is_later`` is asked for once the page is there, so that no page gets slower with
    each app that hangs something on it. Lists with the same ``together`` are loaded by one call
    of it, and have no ``load``: a page then costs no statement a list.
    """

    subject: str
    code: str
    title: Label
    template: str
    load: Load | None = None
    order: int = 100
    new_label: Label = ""
    empty: Label = ""
    is_later: bool = False
    together: LoadTogether | None = None


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
    loaded = _loaded(mine, record, user)
    return [ShownPanel(panel, loaded[panel.code]) for panel in mine if panel.code in loaded]


def _loaded(panels: Sequence[Panel], record: Any, user: Employee) -> dict[str, PanelContent]:
    """By code; lists that the reader shall not see, or that say nothing, are left out."""
    found: dict[str, PanelContent] = {}
    for together in dict.fromkeys(panel.together for panel in panels if panel.together):
        mine = [panel for panel in panels if panel.together == together]
        codes = (panel.code for panel in mine)
        found |= dict(zip(codes, together(mine, record, user), strict=True))
    for panel in panels:
        content = panel.load(record, user) if panel.load is not None else None
        if content is not None:
            found[panel.code] = content
    return {
        code: content for code, content in found.items() if content.count or not content.is_for_rows
    }
