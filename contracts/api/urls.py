from django.urls import include, path
from rest_framework.routers import SimpleRouter

from contracts.desk import REVIEW_DESK
from documents.api.desk import register_desk
from documents.api.routes import document_routes

router = SimpleRouter()
register_desk(router, REVIEW_DESK)

urlpatterns = [
    path("", include(router.urls)),
    *document_routes(REVIEW_DESK.path, REVIEW_DESK.kind_code),
]
