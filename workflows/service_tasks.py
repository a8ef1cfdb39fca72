"""Service tasks of a route: functions that an app registered under a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflows.act import Act

ServiceHandler = Callable[["Act"], None]
_handlers: dict[str, ServiceHandler] = {}


def register(name: str, handler: ServiceHandler) -> None:
    if name in _handlers:
        raise ValueError(f"service task {name!r} is registered twice")
    _handlers[name] = handler


def is_registered(name: str) -> bool:
    return name in _handlers


def registered() -> list[str]:
    """The names on offer, in order."""
    return sorted(_handlers)


def run_service_task(name: str, act: Act) -> None:
    """Run the handler in the act's transaction; raises KeyError for an unknown name.

    A version that names an unknown handler is not published (publish check).
    """
    _handlers[name](act)
