from sms.models.consent import ConsentProof
from sms.models.message import Allowance, SmsMessage
from sms.models.setting import SmsSetting
from sms.models.template import SmsTemplate, TemplateVersion

__all__ = [
    "Allowance",
    "ConsentProof",
    "SmsMessage",
    "SmsSetting",
    "SmsTemplate",
    "TemplateVersion",
]
