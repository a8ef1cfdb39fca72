"""When and to whom a message may go: quiet hours, the way out, the length."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from customers.models import Contact, Customer
from lending_crm.common.errors import DomainError
from lending_crm.common.identity import check_mobile
from sms import errors
from sms.choices import CONSENT_KINDS, UNSUBSCRIBE, Kind
from sms.models import SmsSetting

#: what gateways take as one message of several parts
LONGEST = 500
#: kinds that may not be sent at all in quiet hours (SMS-02, R13)
_SILENT_KINDS = (Kind.COLLECTION, Kind.MARKETING, Kind.BIRTHDAY)


def is_quiet(setting: SmsSetting, now: datetime) -> bool:
    """Within the quiet hours of the lender's own zone."""
    return setting.is_quiet_at(timezone.localtime(now).time())


def quiet_end(setting: SmsSetting, now: datetime) -> datetime:
    """When the quiet hours that ``now`` lies in are over."""
    local = timezone.localtime(now)
    day = local.date() + timedelta(days=1 if local.time() >= setting.quiet_from else 0)
    return timezone.make_aware(datetime.combine(day, setting.quiet_until))


def earliest(kind: str, setting: SmsSetting, now: datetime) -> datetime:
    """When a message of this kind may leave; SMS-02 for those that quiet hours forbid."""
    if not is_quiet(setting, now):
        return now
    if kind in _SILENT_KINDS:
        raise errors.quiet_hours(setting.quiet_from, setting.quiet_until)
    return quiet_end(setting, now) if setting.do_notices_wait else now


def waits(kind: str, setting: SmsSetting, now: datetime) -> bool:
    """Whether a queued message has to wait for the end of the quiet hours."""
    held_back = kind in _SILENT_KINDS or setting.do_notices_wait
    return held_back and is_quiet(setting, now)


def whole_text(kind: str, signature: str, body: str) -> str:
    """What is sent: 【signature】 before it, the way out after what is commercial (R12)."""
    text = f"【{signature}】{body}" if signature else body
    if kind in CONSENT_KINDS:
        text = f"{text.rstrip('。 ')},{UNSUBSCRIBE}"
    if len(text) > LONGEST:
        raise errors.too_long(LONGEST)
    return text


def mobile_of(record: Customer | Contact) -> str:
    """The mobile number of a record; SMS-12 when it has none (a landline takes no text)."""
    number = record.mobile if isinstance(record, Contact) else record.phone
    try:
        return check_mobile(number)
    except DomainError:
        raise errors.no_mobile() from None


def is_third_party(record: Customer | Contact) -> bool:
    """Anybody but the customer and its main contact, who is the borrower (R13)."""
    return isinstance(record, Contact) and not record.is_main
