"""The first page of the day, and work reports."""

from django.urls import path

from reports.views import work_reports
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
]
