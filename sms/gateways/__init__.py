"""The gateway that SMS_GATEWAY names: ``console``, ``http`` or the path of a class."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from sms.gateways.base import Gateway, GatewayRefused, GatewayUnavailable
from sms.gateways.console import ConsoleGateway
from sms.gateways.http import HttpGateway

__all__ = ["Gateway", "GatewayRefused", "GatewayUnavailable", "current_gateway"]


@lru_cache(maxsize=1)
def current_gateway() -> Gateway:
    """The configured gateway, made once a process."""
    name = settings.SMS_GATEWAY
    if name == "console":
        return ConsoleGateway()
    if name == "http":
        return HttpGateway(settings.SMS_HTTP)
    gateway: Gateway = import_string(name)()
    return gateway


def _forget(*, setting: str, **_signal: object) -> None:
    if setting.startswith("SMS_"):
        current_gateway.cache_clear()


setting_changed.connect(_forget)
