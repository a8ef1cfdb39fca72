"""What every page needs besides its own data: menu, theme, clock and the addresses of the frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from lending_crm.common import navigation

THEMES = ("light", "dark")
THEME_COOKIE = "theme"
SIDEBAR_COOKIE = "sidebar"


@dataclass(frozen=True)
class Banner:
    """A sentence above the page, and where the reader can do something about it."""

    text: str
    url: str = ""
    action: str = ""


BannerSource = Callable[[Any, datetime], list[Banner]]

_banners: list[BannerSource] = []


def register_banner(source: BannerSource) -> None:
    """``source(user, now)`` names what stands above the pages of that person while it holds.

    Called from an ``apps.py``. A banner is for whoever can do something about it; a sentence on
    every page that asks nothing of its reader is soon not read at all.
    """
    _banners.append(source)


class Frame:
    """The frame around a page; each value is worked out only when the template asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def theme(self) -> str:
        """``light`` or ``dark`` as chosen, empty to follow the device."""
        chosen = self._request.COOKIES.get(THEME_COOKIE, "")
        return chosen if chosen in THEMES else ""

    @property
    def is_sidebar_collapsed(self) -> bool:
        return self._request.COOKIES.get(SIDEBAR_COOKIE) == "collapsed"

    @cached_property
    def now(self) -> datetime:
        """The moment of the request, so that all waiting times of a page agree."""
        return timezone.now()

    @cached_property
    def banners(self) -> list[Banner]:
        """What this reader must see to, such as holidays that are not entered yet."""
        user = getattr(self._request, "user", None)
        if user is None or not user.is_authenticated:
            return []
        return [banner for source in _banners for banner in source(user, self.now)]

    @cached_property
    def menu(self) -> list[navigation.Group]:
        user = getattr(self._request, "user", None)
        return navigation.menu_for(self._request) if user and user.is_authenticated else []

    @cached_property
    def search_url(self) -> str:
        return _url("customers:search")

    @cached_property
    def badge_url(self) -> str:
        return _url("staff:notification_badge")

    @cached_property
    def notifications_url(self) -> str:
        return _url("staff:notifications")

    @cached_property
    def profile_url(self) -> str:
        return _url("staff:profile")

    @cached_property
    def password_url(self) -> str:
        return _url("account_change_password")

    @cached_property
    def logout_url(self) -> str:
        return _url("account_logout")


def page(request: HttpRequest) -> dict[str, Any]:
    """Context processor; error pages keep the frame for whoever is signed in."""
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    return {
        "frame": Frame(request),
        "error_layout": "base.html" if signed_in else "errors/plain.html",
    }


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
