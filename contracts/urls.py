"""合同手续审核单."""

from contracts.desk import REVIEW_DESK
from documents.views.desk import desk_urls

app_name = "contracts"

urlpatterns = desk_urls(REVIEW_DESK)
