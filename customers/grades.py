"""Tone and icon of 风险分类 and of the colours of supervision, one look each, everywhere."""

from __future__ import annotations

from customers.choices import CreditColour, RiskClass
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


def register_own() -> None:
    """Called from ``apps.py``."""
    register_grades(RiskClass, _RISK_CLASSES)
    register_grades(CreditColour, _COLOURS)
