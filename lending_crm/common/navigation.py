"""The left menu, in the words and the order of the operating manual.

Apps register what they offer in their ``apps.py``; a section without a page of its own is
not shown, so that nothing in the menu leads nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, QueryDict
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lending_crm.common.pagination import CappedCount

Label = str | Promise
Visible = Callable[[Any], bool]
Count = Callable[[Any], CappedCount]


@dataclass(frozen=True)
class Section:
    """A first-level entry; ``is_single`` sections are links themselves."""

    key: str
    label: Label
    icon: str
    is_single: bool = False


SECTIONS = (
    Section("home", _("Workbench"), "layout-dashboard", is_single=True),
    Section("customers", _("Customers"), "building"),
    Section("contacts", _("Contacts"), "address-book", is_single=True),
    Section("opportunities", _("Business development"), "target-arrow", is_single=True),
    Section("business", _("Business management"), "file-dollar"),
    Section("contracts", _("Contract management"), "contract"),
    Section("funds", _("Fund management"), "coins"),
    Section("postloan", _("Post-loan management"), "shield-check"),
    Section("committee", _("Risk committee"), "gavel", is_single=True),
    Section("completion", _("Customer completion"), "clipboard-check", is_single=True),
    Section("bad_customers", _("Bad-customer handover"), "user-exclamation"),
    Section("reports", _("Report analysis"), "chart-bar"),
    Section("resources", _("Resource centre"), "sitemap"),
    Section("approvals", pgettext_lazy("menu", "My approvals"), "checkbox"),
    Section("settings", _("System settings"), "settings"),
)
_SECTION_KEYS = {section.key for section in SECTIONS}


@dataclass(frozen=True)
class Item:
    """A registered page; ``query`` tells apart entries that share one list."""

    section: str
    label: Label
    url_name: str
    visible: Visible | None = None
    order: int = 100
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    query: str = ""
    counter: str = ""

    def url(self) -> str | None:
        try:
            path = reverse(self.url_name, kwargs=dict(self.kwargs))
        except NoReverseMatch:
            return None
        return f"{path}?{self.query}" if self.query else path


@dataclass
class Entry:
    """An item as it is drawn; ``counter`` names the element that a live count is put into."""

    label: Label
    url: str
    counter: str = ""
    is_current: bool = False


@dataclass
class Group:
    section: Section
    entries: list[Entry]

    @property
    def is_current(self) -> bool:
        return any(entry.is_current for entry in self.entries)

    @property
    def has_counter(self) -> bool:
        return any(entry.counter for entry in self.entries)

    @property
    def link(self) -> Entry | None:
        """The entry that stands for the whole section, when the section is a link itself."""
        is_link = self.section.is_single and len(self.entries) == 1
        return self.entries[0] if is_link else None


_items: list[Item] = []
#: what is counted live, by the name that an entry gives as its ``counter``
_counters: dict[str, Count] = {}


def register_item(
    section: str,
    label: Label,
    url_name: str,
    visible: Visible | None = None,
    *,
    order: int = 100,
    kwargs: Mapping[str, Any] | None = None,
    query: str = "",
    counter: str = "",
) -> None:
    """Offer a page in the menu; called from ``AppConfig.ready``.

    Items of a section stand by ``order``, then as registered. ``visible`` gets the user.
    Raises ``ValueError`` for a section that the manual does not know.
    """
    if section not in _SECTION_KEYS:
        raise ValueError(f"unknown menu section {section!r}; known: {sorted(_SECTION_KEYS)}")
    _items.append(Item(section, label, url_name, visible, order, kwargs or {}, query, counter))


def register_counter(name: str, count: Count) -> None:
    """``count(user)`` is the live figure of the entries whose ``counter`` is ``name``."""
    _counters[name] = count


@dataclass(frozen=True)
class LiveCount:
    """A figure of the menu; ``name`` is that of the element it is put into."""

    name: str
    count: CappedCount


def live_counts(user: Any) -> list[LiveCount]:
    """The figures of the entries that this user's menu has, and of their sections.

    A section shows what its entries add up to while it is closed.
    """
    found: dict[str, CappedCount] = {}
    for item in _items:
        count = _counters.get(item.counter)
        if count is None or not (item.visible is None or item.visible(user)):
            continue
        found[item.counter] = shown = count(user)
        whole = f"section-{item.section}"
        before = found.get(whole, CappedCount(0, False))
        found[whole] = CappedCount(
            before.number + shown.number, before.is_capped or shown.is_capped
        )
    return [LiveCount(name, count) for name, count in found.items()]


def menu_for(request: HttpRequest) -> list[Group]:
    """The sections and entries that this user may open, with the current one marked."""
    groups: dict[str, Group] = {section.key: Group(section, []) for section in SECTIONS}
    for item in sorted(_items, key=lambda item: item.order):
        url = item.url()
        if url and (item.visible is None or item.visible(request.user)):
            groups[item.section].entries.append(Entry(item.label, url, item.counter))
    shown = [group for group in groups.values() if group.entries]
    _mark_current(request, [entry for group in shown for entry in group.entries])
    return shown


def _mark_current(request: HttpRequest, entries: list[Entry]) -> None:
    best: tuple[int, int] = (0, 0)
    current = None
    for entry in entries:
        path, _mark, query = entry.url.partition("?")
        wanted = QueryDict(query)
        fits = all(request.GET.get(name) == value for name, value in wanted.items())
        rank = (len(path), len(wanted))
        is_under = request.path == path or (path != "/" and request.path.startswith(path))
        if is_under and fits and rank > best:
            best, current = rank, entry
    if current is not None:
        current.is_current = True
