"""Columns that the tables of the ledger share."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q

from lending_crm.common.money import FEN

ZERO = FEN * 0


def money(label: Any, **options: Any) -> models.DecimalField[Any, Any]:
    """Yuan to the fen; 0 unless a default is given."""
    return models.DecimalField(
        label, max_digits=18, decimal_places=2, **{"default": Decimal(0)} | options
    )


def percent(label: Any, **options: Any) -> models.DecimalField[Any, Any]:
    return models.DecimalField(label, max_digits=9, decimal_places=4, **options)


def not_negative(*names: str) -> Q:
    return Q(**{f"{name}__gte": 0 for name in names})
