"""Service tasks of a route (系统节点): what an app can do when a case passes, by a stored name.

An app registers an act from its ``apps.py``; an administrator puts it into a route by its title.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from workflows.choices import EventKind

if TYPE_CHECKING:
    from workflows.act import Act
    from workflows.bpmn.model import ServiceTask
    from workflows.kinds import DocumentKind


def _every_kind(_kind: DocumentKind) -> bool:
    return True


@dataclass(frozen=True)
class ServiceAct:
    """One thing that the system does at a service task.

    ``name`` is what routes store and never changes; ``title`` is what people read. ``run`` works
    in the transaction of whoever decided: it writes rows at most (``Act.publish`` for a message)
    and refuses nothing. ``suits`` says for which kinds of documents it is offered. One that
    ``is_closing`` does its work only for a document that the route has approved: the publish check
    refuses it where somebody has still to decide.
    """

    name: str
    title: Promise
    run: Callable[[Act, ServiceTask], None]
    suits: Callable[[DocumentKind], bool] = _every_kind
    is_closing: bool = False


_acts: dict[str, ServiceAct] = {}


def register(act: ServiceAct) -> None:
    """Name an act; called from ``AppConfig.ready``."""
    if act.name in _acts:
        raise ValueError(f"service task {act.name!r} is registered twice")
    _acts[act.name] = act


def offered(kind: DocumentKind) -> list[tuple[str, Promise]]:
    """Name and title of what a route of the kind can have, in the order of the names."""
    return [(name, act.title) for name, act in sorted(_acts.items()) if act.suits(kind)]


def is_offered(name: str, kind: DocumentKind) -> bool:
    return name in _acts and _acts[name].suits(kind)


def is_closing(name: str) -> bool:
    return name in _acts and _acts[name].is_closing


def title_of(name: str) -> str:
    """The act's title in the reader's language; of one that is not there any more its name."""
    return str(_acts[name].title) if name in _acts else name


def outcome_of(title: str, title_en: str, said: str | Promise) -> dict[str, str]:
    """What the history keeps of a service task: its titles and what came of it, both languages."""
    data = {"title": title, "title_en": title_en}
    for name, language in (("said", "zh-hans"), ("said_en", "en")):
        with override(language):
            data[name] = str(said)
    return data


def serve(act: Act, task: ServiceTask) -> None:
    """Do what the route asks at a service task; its work never holds the route up."""
    service = _acts.get(task.handler)
    if service is not None:
        service.run(act, task)
        return
    # The app that registered it is gone since the version was published.
    said = format_lazy(_("The system knows no act “{name}” any more."), name=task.handler)
    data = outcome_of(task.name, task.name_en, said)
    act.record(EventKind.SYSTEM_STEP, data=data, by_system=True)
