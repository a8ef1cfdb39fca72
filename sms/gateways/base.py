"""What a gateway of text messages is to this product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


class GatewayUnavailable(Exception):
    """Nobody knows whether the message was taken: try again with the same reference."""


class GatewayRefused(Exception):
    """The gateway says that it will never send this message; its words are the argument."""


class Gateway(Protocol):
    """A provider of text messages.

    ``send`` must take a ``reference`` that it saw before for the same message and send nothing
    again: a worker that died between the gateway's answer and its own commit asks once more.
    """

    code: str

    def send(self, *, reference: UUID, number: str, text: str) -> str:
        """Hand the message over; returns the gateway's own id of it.

        Raises ``GatewayUnavailable`` (time-out, server error, an answer that cannot be read)
        and ``GatewayRefused``.
        """


@dataclass(frozen=True)
class Report:
    """What a gateway tells later of a message it took."""

    reference: UUID
    is_delivered: bool
    error: str = ""


@dataclass(frozen=True)
class Reply:
    """A message that a person sent back; ``gateway_id`` is the gateway's own id of it."""

    gateway_id: str
    number: str
    text: str
