from rest_framework.routers import SimpleRouter

from reports.api.work_plans import WorkPlanViewSet
from reports.api.work_reports import WorkReportViewSet

router = SimpleRouter()
router.register("work-reports", WorkReportViewSet, basename="work-report")
router.register("work-plans", WorkPlanViewSet, basename="work-plan")

urlpatterns = router.urls
