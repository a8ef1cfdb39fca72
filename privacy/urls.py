from django.urls import path

from documents.views.desk import desk_urls
from privacy.desk import EXPORT_DESK
from privacy.views import exports, retention

app_name = "privacy"

urlpatterns = [
    *desk_urls(EXPORT_DESK),
    path("export-requests/<int:pk>/export/", exports.export, name="export"),
    path("settings/privacy/", retention.settings, name="settings"),
    path("settings/privacy/due/", retention.due, name="due"),
    path("settings/privacy/holds/", retention.holds, name="holds"),
    path("settings/privacy/holds/<int:pk>/lift/", retention.lift, name="lift"),
    path("settings/privacy/record/", retention.record, name="record"),
]
