"""业务展期/逾期申请单, 贷后监管 and its reports, 贷后日历, 客户完结, 不良客户管理."""

from django.urls import path

from documents.views.desk import desk_urls
from postloan.desks.bad_customers import BAD_CUSTOMER_DESK
from postloan.desks.completion import COMPLETION_DESK
from postloan.desks.extension import EXTENSION_DESK
from postloan.desks.report import REPORT_DESK
from postloan.desks.supervision import SUPERVISION_DESK
from postloan.views import bad_customers, supervision_calendar, supervision_settings

app_name = "postloan"

urlpatterns = [
    *desk_urls(EXTENSION_DESK),
    *desk_urls(SUPERVISION_DESK),
    *desk_urls(REPORT_DESK),
    path("post-loan-calendar/", supervision_calendar.calendar_page, name="supervision-calendar"),
    path("settings/supervision/", supervision_settings.settings, name="supervision-settings"),
    *desk_urls(COMPLETION_DESK),
    *desk_urls(BAD_CUSTOMER_DESK),
    path(
        f"{BAD_CUSTOMER_DESK.path}/<int:pk>/records/",
        bad_customers.add_record,
        name="bad_customer_record",
    ),
]
