from django.urls import include, path
from rest_framework.routers import SimpleRouter

from documents.api.desk import register_desk
from documents.api.routes import document_routes
from postloan.api.bad_customers import BadCustomerViewSet
from postloan.desks.bad_customers import BAD_CUSTOMER_DESK
from postloan.desks.completion import COMPLETION_DESK
from postloan.desks.extension import EXTENSION_DESK

router = SimpleRouter()
register_desk(router, EXTENSION_DESK)
register_desk(router, COMPLETION_DESK)
register_desk(router, BAD_CUSTOMER_DESK, BadCustomerViewSet)

urlpatterns = [
    path("", include(router.urls)),
    *document_routes(EXTENSION_DESK.path, EXTENSION_DESK.kind_code),
    *document_routes(COMPLETION_DESK.path, COMPLETION_DESK.kind_code),
    *document_routes(BAD_CUSTOMER_DESK.path, BAD_CUSTOMER_DESK.kind_code),
]
