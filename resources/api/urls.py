from django.urls import include, path
from rest_framework.routers import SimpleRouter

from documents.api.desk import register_desk
from documents.api.routes import document_routes
from resources.api.handovers import HandoverViewSet
from resources.desk import HANDOVER_DESK

router = SimpleRouter()
register_desk(router, HANDOVER_DESK, HandoverViewSet)

urlpatterns = [
    path("", include(router.urls)),
    *document_routes(HANDOVER_DESK.path, HANDOVER_DESK.kind_code),
]
