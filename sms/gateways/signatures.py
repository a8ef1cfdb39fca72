"""The shared secret by which a gateway's calls are known."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from django.conf import settings

from sms import errors

#: an older or newer call is a replay, or a clock that is wrong (seconds)
TOLERANCE = 300


def sign(secret: str, stamp: str, body: bytes) -> str:
    """HMAC-SHA256 over ``<seconds since 1970>.<body>``, as 64 hex digits."""
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def check_signature(*, stamp: str, signature: str, body: bytes, now: datetime) -> None:
    """Raises SMS-20 for a wrong or stale signature, and while no secret is configured."""
    secret = settings.SMS_WEBHOOK_SECRET
    is_number = stamp.isascii() and stamp.isdigit() and len(stamp) <= 12
    if not secret or not is_number or abs(now.timestamp() - int(stamp)) > TOLERANCE:
        raise errors.wrong_signature()
    given = signature.strip().lower().encode("utf-8", "replace")
    if not hmac.compare_digest(sign(secret, stamp, body).encode(), given):
        raise errors.wrong_signature()
