from django.urls import path

from customers.views import consents, contacts, customers, groups, influence, opportunities, search
from customers.views.sensitive import reveal

app_name = "customers"

urlpatterns = [
    path("search/", search.search, name="search"),
    path("customers/", customers.list_page, name="customer-list"),
    path("customers/options/<slug:source>/", search.options, name="options"),
    path("customers/groups/", groups.list_page, name="group-list"),
    path("customers/groups/<int:pk>/", groups.detail, name="group-detail"),
    path("customers/consents/<int:pk>/file/", consents.file, name="consent-file"),
    path("customers/consents/<int:pk>/revoke/", consents.revoke, name="consent-revoke"),
    path("customers/reveal/<slug:model>/<int:pk>/<slug:field>/", reveal, name="reveal"),
    path("customers/<int:pk>/", customers.detail, name="customer-detail"),
    path("customers/<int:pk>/changes/", customers.changes, name="customer-changes"),
    path("customers/<int:pk>/edit/", customers.edit, name="customer-edit"),
    path("customers/<int:pk>/delete/", customers.delete, name="customer-delete"),
    path("customers/<int:pk>/owner/", customers.reassign, name="customer-owner"),
    path("customers/<int:pk>/group/", customers.regroup, name="customer-group"),
    path("customers/<int:customer_pk>/contacts/new/", contacts.new, name="contact-new"),
    path(
        "customers/<int:customer_pk>/opportunities/new/",
        opportunities.new,
        name="opportunity-new",
    ),
    path("customers/<int:customer_pk>/consents/new/", consents.new, name="consent-new"),
    path("customers/<slug:kind>/", customers.list_page, name="customer-list"),
    path("customers/<slug:kind>/new/", customers.new, name="customer-new"),
    path("contacts/", contacts.list_page, name="contact-list"),
    path("contacts/new/", contacts.choose_customer, name="contact-choose"),
    path("contacts/<int:pk>/", contacts.detail, name="contact-detail"),
    path("contacts/<int:pk>/changes/", contacts.changes, name="contact-changes"),
    path("contacts/<int:pk>/edit/", contacts.edit, name="contact-edit"),
    path("contacts/<int:pk>/delete/", contacts.delete, name="contact-delete"),
    path("contacts/<int:pk>/influence/<slug:direction>/", influence.pick, name="influence-pick"),
    path("contacts/influence/<int:pk>/edit/", influence.edit, name="influence-edit"),
    path("contacts/influence/<int:pk>/delete/", influence.delete, name="influence-delete"),
    path("opportunities/", opportunities.list_page, name="opportunity-list"),
    path("opportunities/new/", opportunities.choose_customer, name="opportunity-choose"),
    path("opportunities/<int:pk>/", opportunities.detail, name="opportunity-detail"),
    path("opportunities/<int:pk>/changes/", opportunities.changes, name="opportunity-changes"),
    path("opportunities/<int:pk>/edit/", opportunities.edit, name="opportunity-edit"),
    path("opportunities/<int:pk>/promote/", opportunities.promote, name="opportunity-promote"),
    path("opportunities/<int:pk>/back/", opportunities.go_back, name="opportunity-back"),
    path("opportunities/<int:pk>/lose/", opportunities.lose, name="opportunity-lose"),
    path(
        "opportunities/<int:pk>/follow-ups/",
        opportunities.follow_up,
        name="opportunity-follow-up",
    ),
]
