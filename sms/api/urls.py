from django.urls import include, path
from rest_framework.routers import SimpleRouter

from sms.api.views import MessageViewSet, TemplateViewSet

router = SimpleRouter()
router.register("sms/messages", MessageViewSet, basename="sms-message")
router.register("sms/templates", TemplateViewSet, basename="sms-template")

urlpatterns = [path("", include(router.urls))]
