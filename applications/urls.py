"""业务申请单 and the settings that its rules read."""

from django.urls import path

from applications.choices import FORM
from applications.desks import APPLICATIONS, INTERMEDIARY, RECONSIDERATIONS
from applications.views import detail, forms, intermediary, lists, settings
from documents.views.desk import PrintPage, SubmissionPage, SubmitPage, VoidPage, desk_urls

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
    path("applications/<int:pk>/related/", detail.related, name="related"),
    path("applications/<int:pk>/schedule/", detail.schedule, name="schedule"),
    path(
        "applications/<int:pk>/submission/",
        SubmissionPage.as_view(desk=APPLICATIONS),
        name="submission",
    ),
    path("applications/<int:pk>/submit/", SubmitPage.as_view(desk=APPLICATIONS), name="submit"),
    path("applications/<int:pk>/copy/", detail.copy, name="copy"),
    path(
        "applications/<int:pk>/print/",
        PrintPage.as_view(desk=APPLICATIONS),
        {"form": FORM},
        name="print",
    ),
    path("applications/<int:pk>/void/", VoidPage.as_view(desk=APPLICATIONS), name="void"),
    *desk_urls(RECONSIDERATIONS),
    *desk_urls(INTERMEDIARY),
    path(
        "intermediary-applications/<int:pk>/bookings/", intermediary.book, name="intermediary_book"
    ),
    path(
        "intermediary-applications/<int:pk>/bookings/<int:booking_id>/reversal/",
        intermediary.reverse,
        name="intermediary_reverse",
    ),
    *(
        path(
            f"intermediary-applications/<int:pk>/{step}/",
            intermediary.step,
            {"step": step},
            name=f"intermediary_{step}",
        )
        for step in intermediary.STEPS
    ),
    path("settings/products/", settings.products, name="products"),
    path("settings/products/new/", settings.product, name="product_new"),
    path("settings/products/<int:pk>/", settings.product, name="product"),
    path("settings/authority/", settings.authority, name="authority"),
    path("settings/lender/", settings.lender, name="settings"),
    path("settings/lender/lpr/", settings.quote, name="lpr"),
]
