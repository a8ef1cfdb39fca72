"""`make roles`: write the measured table into url_roles.py, for people to judge by its diff."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

from tests.architecture import role_matrix

_COLUMN = 10
TARGET = Path(__file__).with_name("url_roles.py")


@pytest.mark.django_db
def test_measure(now: datetime) -> None:
    world = role_matrix.World(now)
    columns = {role: role_matrix.measure(world, role) for role in role_matrix.ROLES}
    routes = [address.route for address in role_matrix.addresses()]
    width = max(map(len, routes)) + 1
    lines = ["address".ljust(width) + "".join(role.rjust(_COLUMN) for role in role_matrix.ROLES)]
    for route in routes:
        statuses = (columns[role][route].rjust(_COLUMN) for role in role_matrix.ROLES)
        lines.append((route or "/").ljust(width) + "".join(statuses))
    table = "\n".join(lines)
    text = TARGET.read_text(encoding="utf-8")
    text = re.sub(
        r'TABLE = r?""".*"""', lambda _match: f'TABLE = r"""\n{table}\n"""', text, flags=re.DOTALL
    )
    TARGET.write_text(text, encoding="utf-8")
