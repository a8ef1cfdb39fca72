from django.urls import include, path
from rest_framework.routers import SimpleRouter

from documents.api.desk import register_desk
from documents.api.routes import document_routes
from postloan.desks.extension import EXTENSION_DESK

router = SimpleRouter()
register_desk(router, EXTENSION_DESK)

urlpatterns = [
    path("", include(router.urls)),
    *document_routes(EXTENSION_DESK.path, EXTENSION_DESK.kind_code),
]
