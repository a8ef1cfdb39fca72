"""业务展期/逾期申请单."""

from documents.views.desk import desk_urls
from postloan.desks.extension import EXTENSION_DESK

app_name = "postloan"

urlpatterns = desk_urls(EXTENSION_DESK)
