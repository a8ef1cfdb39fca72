from rest_framework.routers import SimpleRouter

from reports.api.work_reports import WorkReportViewSet

router = SimpleRouter()
router.register("work-reports", WorkReportViewSet, basename="work-report")

urlpatterns = router.urls
