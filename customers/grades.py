"""Tone and icon of 客户状态, 风险分类, the colours of supervision and the states of an import, one
look each, everywhere."""

from __future__ import annotations

from customers.choices import CreditColour, CustomerStatus, RiskClass
from customers.models.imports import ImportState
from lending_crm.common.design.grades import register_grades

_RISK_CLASSES = {
    RiskClass.NORMAL: ("green", "shield-check"),
    RiskClass.ATTENTION: ("amber", "eye"),
    RiskClass.SUBSTANDARD: ("red", "alert-triangle"),
    RiskClass.DOUBTFUL: ("red", "alert-circle"),
    RiskClass.LOSS: ("red", "circle-x"),
}
_COLOURS = {
    CreditColour.GREEN: ("green", "circle-check"),
    CreditColour.YELLOW: ("amber", "alert-triangle"),
    CreditColour.RED: ("red", "alert-circle"),
}


_STATUSES = {
    CustomerStatus.PROSPECT: ("grey", "user"),
    CustomerStatus.ACTIVE: ("blue", "coins"),
    CustomerStatus.COMPLETED: ("green", "circle-check"),
    CustomerStatus.BAD: ("red", "alert-triangle"),
    CustomerStatus.BLACKLISTED: ("red", "ban"),
}
_IMPORTS = {
    ImportState.CHECKING: ("blue", "hourglass"),
    ImportState.CHECKED: ("amber", "clock"),
    ImportState.RUNNING: ("blue", "hourglass"),
    ImportState.DONE: ("green", "circle-check"),
}


def register_own() -> None:
    """Called from ``apps.py``."""
    register_grades(RiskClass, _RISK_CLASSES)
    register_grades(CreditColour, _COLOURS)
    register_grades(CustomerStatus, _STATUSES)
    register_grades(ImportState, _IMPORTS)
