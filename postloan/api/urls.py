from django.urls import include, path
from rest_framework.routers import SimpleRouter

from documents.api.desk import register_desk
from documents.api.routes import document_routes
from documents.desk.declaration import Desk
from postloan.api.bad_customers import BadCustomerViewSet
from postloan.desks.bad_customers import BAD_CUSTOMER_DESK
from postloan.desks.completion import COMPLETION_DESK
from postloan.desks.extension import EXTENSION_DESK
from postloan.desks.report import REPORT_DESK
from postloan.desks.supervision import SUPERVISION_DESK

DESKS: tuple[Desk, ...] = (EXTENSION_DESK, SUPERVISION_DESK, REPORT_DESK, COMPLETION_DESK)
router = SimpleRouter()
for desk in DESKS:
    register_desk(router, desk)
register_desk(router, BAD_CUSTOMER_DESK, BadCustomerViewSet)

urlpatterns = [path("", include(router.urls))]
for desk in (*DESKS, BAD_CUSTOMER_DESK):
    urlpatterns += document_routes(desk.path, desk.kind_code)
