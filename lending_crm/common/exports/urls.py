from django.urls import path

from lending_crm.common.exports import views

app_name = "exports"

urlpatterns = [
    path("<slug:code>/new/", views.new, name="new"),
    path("<int:pk>/", views.run, name="run"),
    path("<int:pk>/file/", views.download, name="file"),
]
