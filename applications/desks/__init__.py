"""The desks of this app's documents: their lists, forms, pages and endpoints."""

from applications.desks.application import DESK as APPLICATIONS
from applications.desks.intermediary import DESK as INTERMEDIARY
from applications.desks.reconsideration import DESK as RECONSIDERATIONS

__all__ = ["APPLICATIONS", "INTERMEDIARY", "RECONSIDERATIONS"]
