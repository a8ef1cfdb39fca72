"""How the commands talk: one line a step, one sentence when they cannot go on."""

from __future__ import annotations

import sys
from typing import NoReturn


class Stop(Exception):
    """The command cannot go on; the text says in one sentence what is wrong and what to do."""


def step(text: str) -> None:
    print(f"• {text}", flush=True)


def say(text: str = "") -> None:
    print(text, flush=True)


def complain(text: str) -> None:
    print(f"\n{text}", file=sys.stderr, flush=True)


def stop(sentence: str) -> NoReturn:
    raise Stop(sentence)
