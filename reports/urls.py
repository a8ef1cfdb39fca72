"""The first page of the day, work reports and work plans."""

from django.urls import path

from reports.views import work_plans, work_reports
from reports.views.workbench import workbench

app_name = "reports"

urlpatterns = [
    path("", workbench, name="workbench"),
    path("work-reports/", work_reports.list_page, name="work-report-list"),
    path("work-reports/new/", work_reports.new, name="work-report-new"),
    path("work-reports/<int:pk>/", work_reports.detail, name="work-report"),
    path("work-reports/<int:pk>/edit/", work_reports.edit, name="work-report-edit"),
    path("work-reports/<int:pk>/table/", work_reports.generate, name="work-report-table"),
    path("work-reports/<int:pk>/submit/", work_reports.submit, name="work-report-submit"),
    path("work-reports/<int:pk>/comments/", work_reports.comment, name="work-report-comment"),
    path("work-plans/", work_plans.list_page, name="work-plan-list"),
    path("work-plans/new/", work_plans.new, name="work-plan-new"),
    path("work-plans/<int:pk>/", work_plans.detail, name="work-plan"),
    path("work-plans/<int:pk>/edit/", work_plans.edit, name="work-plan-edit"),
    path("work-plans/<int:pk>/tasks/", work_plans.add, name="plan-task-add"),
    path("work-plans/<int:pk>/comments/", work_plans.comment, name="work-plan-comment"),
    path("work-plans/tasks/<int:pk>/finish/", work_plans.finish, name="plan-task-finish"),
    path("work-plans/tasks/<int:pk>/remove/", work_plans.remove, name="plan-task-remove"),
    path("work-plans/tasks/<int:pk>/photo/", work_plans.photo, name="plan-task-photo"),
]
