"""What every story of the demo needs: the people, the clock, chance, numbers, sentences."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from customers.models import Customer
from reports.demo.clock import Clock, Timeline
from reports.demo.numbers import NumberMaker
from reports.demo.opinions import Writer
from reports.demo.organisation import Company

#: The same demo on every machine; only its dates follow the day on which it is loaded.
_SEED = 20121225


@dataclass
class World:
    company: Company
    clock: Clock
    timeline: Timeline
    chance: random.Random
    numbers: NumberMaker
    writer: Writer
    customers: dict[str, Customer] = field(default_factory=dict)

    @classmethod
    def around(cls, company: Company, clock: Clock) -> World:
        # Believable, not secret: chance has to repeat itself.
        chance = random.Random(_SEED)  # noqa: S311
        return cls(
            company=company,
            clock=clock,
            timeline=Timeline(clock),
            chance=chance,
            numbers=NumberMaker(chance, today=clock.today),
            writer=Writer(chance),
        )

    def hours(self, least: float, most: float) -> float:
        return self.chance.uniform(least, most)
