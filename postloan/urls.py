"""业务展期/逾期申请单, 客户完结, 不良客户管理."""

from django.urls import path

from documents.views.desk import desk_urls
from postloan.desks.bad_customers import BAD_CUSTOMER_DESK
from postloan.desks.completion import COMPLETION_DESK
from postloan.desks.extension import EXTENSION_DESK
from postloan.views import bad_customers

app_name = "postloan"

urlpatterns = [
    *desk_urls(EXTENSION_DESK),
    *desk_urls(COMPLETION_DESK),
    *desk_urls(BAD_CUSTOMER_DESK),
    path(
        f"{BAD_CUSTOMER_DESK.path}/<int:pk>/records/",
        bad_customers.add_record,
        name="bad_customer_record",
    ),
]
