"""What monitors ask: is the service up, is the worker behind, the metrics."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from django_prometheus.exports import ExportToDjangoView
from prometheus_client import Gauge

from lending_crm.common.selectors import outbox_lag

_waiting = Gauge("lending_outbox_waiting", "Messages that are due", multiprocess_mode="mostrecent")
_oldest = Gauge(
    "lending_outbox_oldest_seconds",
    "Age of the oldest due message",
    multiprocess_mode="mostrecent",
)
_parked = Gauge(
    "lending_outbox_parked",
    "Messages that were given up and wait for a person",
    multiprocess_mode="mostrecent",
)


Measure = Callable[[datetime], None]
_measures: list[Measure] = []


def register_measure(measure: Measure) -> None:
    """An app sets its gauges in ``measure`` whenever they are asked for; for ``apps.py``."""
    _measures.append(measure)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while this process can serve; 503 when the database does not answer.

    A late outbox is reported, not failed: restarting web servers does not help a worker.
    """
    try:
        lag = outbox_lag(now=timezone.now())
    except DatabaseError:
        return JsonResponse({"status": "down", "database": "unreachable"}, status=503)
    late = lag.oldest_seconds > settings.OUTBOX_LATE_AFTER
    return JsonResponse(
        {
            "status": "late" if late else "ok",
            "database": "ok",
            "outbox": {
                "waiting": lag.waiting,
                "oldest_seconds": lag.oldest_seconds,
                "parked": lag.parked,
            },
        }
    )


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus metrics for who holds METRICS_TOKEN; without that setting there are none."""
    expected = f"Bearer {settings.METRICS_TOKEN}"
    given = request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN or not constant_time_compare(given, expected):
        raise Http404
    lag = outbox_lag(now=timezone.now())
    _waiting.set(lag.waiting)
    _oldest.set(lag.oldest_seconds)
    _parked.set(lag.parked)
    for measure in _measures:
        measure(timezone.now())
    return ExportToDjangoView(request)
