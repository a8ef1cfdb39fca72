"""The first page of the day."""

from django.urls import path

from reports.views import workbench

app_name = "reports"

urlpatterns = [path("", workbench, name="workbench")]
