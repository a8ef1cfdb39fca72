from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class SmsConfig(AppConfig):
    name = "sms"
    verbose_name = _("Text messages")

    def ready(self) -> None:
        from documents.panels import register_panel
        from lending_crm.common import outbox
        from lending_crm.common.exports import register_export
        from lending_crm.common.navigation import register_item
        from sms import panels
        from sms.exports import EXPORT
        from sms.rules.permissions import may_read_log, may_read_templates
        from sms.services import approvals, delivery, events, sending
        from workflows import service_tasks

        outbox.register(sending.SEND_TOPIC, delivery.deliver_message)
        outbox.register(events.EVENT_TOPIC, events.deliver_event)
        outbox.register(approvals.APPROVAL_TOPIC, approvals.deliver_approval)
        service_tasks.register(approvals.TELL_CUSTOMER)
        register_item("settings", _("Text messages"), "sms:templates", may_read_templates, order=60)
        register_item("settings", _("Text message log"), "sms:log", may_read_log, order=61)
        register_export(EXPORT)
        for panel in panels.PANELS:
            register_panel(panel)
        post_migrate.connect(_ship_setting, sender=self)


def _ship_setting(**_signal: object) -> None:
    from sms.services.settings import ensure_setting

    ensure_setting()
