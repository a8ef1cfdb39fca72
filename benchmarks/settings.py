"""The product as tested, plus the peers it is measured against."""

from lending_crm.settings.test import *  # noqa: F403
from lending_crm.settings.test import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "benchmarks.stock_viewflow"]
