"""问题升级: the desk's pages and the acts of levels and reporter."""

from django.urls import path

from documents.views.desk import desk_urls
from issues.desk import ISSUE_DESK
from issues.views import issues

app_name = "issues"

urlpatterns = [
    *desk_urls(ISSUE_DESK),
    path("issues/<int:pk>/answer/", issues.answer, name="answer"),
    path("issues/<int:pk>/escalate/", issues.escalate, name="escalate"),
    path("issues/<int:pk>/confirm/", issues.confirm, name="confirm"),
    path("issues/<int:pk>/refuse/", issues.refuse, name="refuse"),
    path("issues/<int:pk>/overdue/", issues.overdue, name="overdue"),
    path("issues/<int:pk>/report/", issues.report, name="report"),
]
