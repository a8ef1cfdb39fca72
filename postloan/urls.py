"""业务展期/逾期申请单, 贷后监管 and its reports, 贷后日历."""

from django.urls import path

from documents.views.desk import desk_urls
from postloan.desks.extension import EXTENSION_DESK
from postloan.desks.report import REPORT_DESK
from postloan.desks.supervision import SUPERVISION_DESK
from postloan.views import supervision_calendar, supervision_settings

app_name = "postloan"

urlpatterns = [
    *desk_urls(EXTENSION_DESK),
    *desk_urls(SUPERVISION_DESK),
    *desk_urls(REPORT_DESK),
    path("post-loan-calendar/", supervision_calendar.calendar_page, name="supervision-calendar"),
    path("settings/supervision/", supervision_settings.settings, name="supervision-settings"),
]
