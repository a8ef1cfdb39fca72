"""风控委员会."""

from django.urls import path

from riskcommittee import views

app_name = "riskcommittee"

urlpatterns = [
    path("", views.list_page, name="list"),
    path("convene/<int:case_id>/", views.convene_page, name="convene"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/vote/", views.vote_page, name="vote"),
    path("<int:pk>/attendance/", views.attendance, name="attendance"),
    path("<int:pk>/close/", views.close, name="close"),
    path("<int:pk>/board/", views.board, name="board"),
    path("<int:pk>/board/live/", views.board_live, name="board_live"),
    path("<int:pk>/files/<str:which>/", views.download, name="file"),
    path("<int:pk>/print/<str:form>/", views.print_form, name="print"),
]
