"""工作移交."""

from django.urls import path

from documents.views.desk import desk_urls
from resources.desk import HANDOVER_DESK
from resources.views import acts, items

app_name = "resources"

urlpatterns = [
    *desk_urls(HANDOVER_DESK),
    path("work-handovers/<int:pk>/items/", items.items, name="handover_items"),
    path("work-handovers/<int:pk>/execute/", acts.execute, name="handover_execute"),
    path("work-handovers/<int:pk>/return/", acts.give_back, name="handover_return"),
]
