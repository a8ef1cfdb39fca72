"""业务申请单 and the settings that its rules read."""

from django.urls import path

from applications.views import detail, forms, lists, printing, settings

app_name = "applications"

urlpatterns = [
    path("applications/", lists.list_page, name="list"),
    path("applications/new/", lists.choose_opportunity, name="choose_opportunity"),
    path("opportunities/<int:opportunity_id>/applications/new/", forms.new, name="new"),
    path(
        "opportunities/<int:opportunity_id>/applications/preview/",
        forms.preview_new,
        name="preview_new",
    ),
    path("applications/<int:pk>/", detail.detail, name="detail"),
    path("applications/<int:pk>/edit/", forms.edit, name="edit"),
    path("applications/<int:pk>/preview/", forms.preview, name="preview"),
    path("applications/<int:pk>/schedule/", detail.schedule, name="schedule"),
    path("applications/<int:pk>/submission/", detail.submission, name="submission"),
    path("applications/<int:pk>/submit/", detail.submit, name="submit"),
    path("applications/<int:pk>/copy/", detail.copy, name="copy"),
    path("applications/<int:pk>/print/", printing.print_form, name="print"),
    path("applications/<int:pk>/void/", detail.void, name="void"),
    path("settings/products/", settings.products, name="products"),
    path("settings/products/new/", settings.product, name="product_new"),
    path("settings/products/<int:pk>/", settings.product, name="product"),
    path("settings/authority/", settings.authority, name="authority"),
    path("settings/lender/", settings.lender, name="settings"),
    path("settings/lender/lpr/", settings.quote, name="lpr"),
]
