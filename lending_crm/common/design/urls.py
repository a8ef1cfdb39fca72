from django.urls import path

from lending_crm.common.design import views

urlpatterns = [
    path("", views.components, name="design"),
    path("fragment/", views.fragment, name="design_fragment"),
]
