from rest_framework.routers import SimpleRouter

from riskcommittee.api.views import SessionViewSet

router = SimpleRouter()
router.register("committee-sessions", SessionViewSet, basename="committee-session")

urlpatterns = router.urls
