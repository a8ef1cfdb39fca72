"""Which installed packages' files are served."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.staticfiles.finders import AppDirectoriesFinder


class UsedAppsFinder(AppDirectoriesFinder):
    """Leaves out viewflow: its own front end is not used, and its style sheets name fonts that
    the package does not carry, which would stop ``collectstatic``."""

    def __init__(self, app_names: Iterable[str] | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(app_names, *args, **kwargs)
        self.storages.pop("viewflow", None)
        self.apps = [name for name in self.apps if name != "viewflow"]
