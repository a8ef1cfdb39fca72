"""Forget old messages and proofs, never before their time (R12: six months at least)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from sms.choices import Status
from sms.models import Allowance, ConsentProof, SmsMessage
from sms.models.setting import SHORTEST_KEEPING
from sms.selectors import current_setting

#: a day's counters are of no use once the day is over; a week is left for who looks into a doubt
_ALLOWANCE_DAYS = 7


@transaction.atomic
def forget_old_messages(*, now: datetime) -> int:
    """Remove what is older than the setting says; returns how many messages went.

    A proof is kept as long as it is the last word of its number, and as long as its log.
    """
    days = max(current_setting().keep_days, SHORTEST_KEEPING)
    limit = now - timedelta(days=days)
    newer = ConsentProof.objects.filter(
        number_index=OuterRef("number_index"), pk__gt=OuterRef("pk"), created_at__lt=limit
    )
    ConsentProof.objects.filter(Exists(newer), created_at__lt=limit).delete()
    Allowance.objects.filter(
        day__lt=timezone.localdate(now) - timedelta(days=_ALLOWANCE_DAYS)
    ).delete()
    old = SmsMessage.objects.filter(created_at__lt=limit).exclude(status=Status.QUEUED)
    gone, _details = old.delete()
    return gone
