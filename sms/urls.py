from django.urls import path

from sms.views import hooks, log, sending, settings, templates

app_name = "sms"

urlpatterns = [
    path("settings/sms/", templates.list_page, name="templates"),
    path("settings/sms/new/", templates.new, name="template-new"),
    path("settings/sms/rules/", settings.rules_page, name="settings"),
    path("settings/sms/<int:pk>/", templates.detail, name="template"),
    path("settings/sms/<int:pk>/text/", templates.new_text, name="template-text"),
    path("settings/sms/texts/<int:pk>/approve/", templates.approve, name="text-approve"),
    path("settings/sms/texts/<int:pk>/reject/", templates.reject, name="text-reject"),
    path("sms/", log.list_page, name="log"),
    path("sms/<int:pk>/", log.detail, name="message"),
    path("sms/<int:pk>/reveal/", log.reveal, name="reveal"),
    path("sms/send/<slug:model>/<int:pk>/", sending.send, name="send"),
    path("sms/consent/<slug:model>/<int:pk>/", sending.consent, name="consent"),
    path("sms/hooks/report/", hooks.report, name="hook-report"),
    path("sms/hooks/reply/", hooks.reply, name="hook-reply"),
]
