"""Structured logs without personal data.

A log line names records by id and people by their row number. What slips in through an
exception's text (a database error quotes the row) is taken out before it is written.
"""

from __future__ import annotations

import re
from typing import Any

import structlog

# A database error quotes the whole row after these words.
_QUOTED_ROW = re.compile(r"(DETAIL|CONTEXT):[^\n]*")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
# Telephone, card and identity numbers; then the credit code of a company with its letters.
_LONG_NUMBER = re.compile(r"(?<![\w-])(\d{10,}[0-9A-Z]*|[0-9A-Z]{2}\d{6}[0-9A-Z]{10})(?![\w-])")
_NAMED_ROW = re.compile(r"=\([^)]*\)")


def scrub(text: str) -> str:
    """The text without quoted rows, e-mail addresses and long numbers."""
    text = _QUOTED_ROW.sub(r"\1: [removed]", text)
    text = _NAMED_ROW.sub("=([removed])", text)
    text = _EMAIL.sub("[e-mail]", text)
    return _LONG_NUMBER.sub("[number]", text)


def in_words(error: Exception) -> str:
    """An error as it is kept in a row for a person to read: short and without secrets."""
    return scrub(f"{type(error).__name__}: {error}").replace("\x00", "")[:500]


def scrub_event(
    _logger: Any, _method: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    for key, value in event.items():
        if isinstance(value, str) and key not in {"timestamp", "request_id"}:
            event[key] = scrub(value)
    return event


def logging_config(*, as_json: bool, level: str = "INFO") -> dict[str, Any]:
    """Django's LOGGING: everything to standard error, one line an event."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    last: structlog.types.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [*shared, structlog.stdlib.PositionalArgumentsFormatter()],
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    scrub_event,
                    last,
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # The request log says it all in one line; Django's own server lines repeat it.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.request": {"handlers": [], "level": "ERROR", "propagate": True},
            # A tick every two seconds, a line per installed trigger: noise.
            "celery": {"handlers": [], "level": "WARNING", "propagate": True},
            "django_celery_beat": {"handlers": [], "level": "WARNING", "propagate": True},
            "kombu": {"handlers": [], "level": "ERROR", "propagate": True},
            "weasyprint": {"handlers": [], "level": "WARNING", "propagate": True},
            "fontTools": {"handlers": [], "level": "WARNING", "propagate": True},
            "pgtrigger": {"handlers": [], "level": "WARNING", "propagate": True},
            "axes": {"handlers": [], "level": "WARNING", "propagate": True},
        },
    }
