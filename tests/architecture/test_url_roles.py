"""Each address × role has the expected status; an address without a row fails."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.architecture import role_matrix, url_roles


def expected() -> dict[str, dict[str, str]]:
    """The table's rows; the workbench, whose address is empty, stands there as ``/``."""
    rows = [line.split() for line in url_roles.TABLE.strip().splitlines()[1:]]
    return {
        "" if route == "/" else route: dict(zip(role_matrix.ROLES, statuses, strict=True))
        for route, *statuses in rows
    }


class TestUrlRoles:
    def test_every_address_has_a_row(self) -> None:
        missing = {address.route for address in role_matrix.addresses()} - expected().keys()

        assert not missing, "run `make roles` and judge the new rows"

    def test_every_row_has_an_address(self) -> None:
        assert not expected().keys() - {address.route for address in role_matrix.addresses()}

    def test_no_address_fails(self) -> None:
        failing = {
            route: row for route, row in expected().items() if {"500", "p500"} & set(row.values())
        }

        assert not failing

    @pytest.mark.django_db
    @pytest.mark.parametrize("role", role_matrix.ROLES)
    def test_answers_as_the_table_says(self, role: str, now: datetime) -> None:
        measured = role_matrix.measure(role_matrix.World(now), role)
        differing = {
            route: f"expected {row[role]}, got {measured.get(route)}"
            for route, row in expected().items()
            if measured.get(route) != row[role]
        }

        assert not differing
