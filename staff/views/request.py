"""What the organisation's views take from a request."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest

from staff.models import Employee


def actor_of(request: HttpRequest) -> Employee:
    """The person who is logged in; for views behind ``login_required``."""
    return cast(Employee, request.user)


def ip_of(request: HttpRequest) -> str | None:
    """The address for the change log; the proxy in front sets REMOTE_ADDR."""
    return request.META.get("REMOTE_ADDR") or None
