from django.urls import include, path
from rest_framework.routers import SimpleRouter

from documents.api.desk import register_desk
from documents.api.routes import document_routes
from issues.api.issues import IssueViewSet
from issues.desk import ISSUE_DESK

router = SimpleRouter()
register_desk(router, ISSUE_DESK, IssueViewSet)

urlpatterns = [
    path("", include(router.urls)),
    *document_routes(ISSUE_DESK.path, ISSUE_DESK.kind_code),
]
