from django.urls import path

from staff.views import (
    calendar,
    delegations,
    dictionary,
    leaving,
    notifications,
    people,
    profile,
    signatures,
    structure,
)

app_name = "staff"

urlpatterns = [
    path("organisation/", people.people_list, name="people"),
    path("organisation/people/new/", people.person_new, name="person_new"),
    path("organisation/people/<int:pk>/", people.person, name="person"),
    path("organisation/people/<int:pk>/edit/", people.person_edit, name="person_edit"),
    path(
        "organisation/people/<int:pk>/deactivate/",
        people.person_deactivate,
        name="person_deactivate",
    ),
    path(
        "organisation/people/<int:pk>/reactivate/",
        people.person_reactivate,
        name="person_reactivate",
    ),
    path(
        "organisation/people/<int:pk>/reset-password/",
        people.person_reset_password,
        name="person_reset_password",
    ),
    path("organisation/people/<int:pk>/handover/", leaving.handover, name="handover"),
    path("organisation/people/<int:pk>/roles/", people.role_assign, name="role_assign"),
    path("organisation/assignments/<int:pk>/revoke/", people.role_revoke, name="role_revoke"),
    path("organisation/branches/", structure.branches, name="branches"),
    path("organisation/branches/new/", structure.branch_form, name="branch_new"),
    path("organisation/branches/<int:pk>/edit/", structure.branch_form, name="branch_edit"),
    path(
        "organisation/branches/<int:branch_pk>/departments/new/",
        structure.department_new,
        name="department_new",
    ),
    path(
        "organisation/departments/<int:pk>/edit/",
        structure.department_edit,
        name="department_edit",
    ),
    path("organisation/roles/", structure.roles, name="roles"),
    path("organisation/roles/<int:pk>/edit/", structure.role_edit, name="role_edit"),
    path("organisation/calendar/", calendar.calendar, name="calendar"),
    path("organisation/calendar/days/", calendar.calendar_set, name="calendar_set"),
    path("organisation/calendar/days/clear/", calendar.calendar_clear, name="calendar_clear"),
    path("settings/dictionary/", dictionary.dictionary, name="dictionary"),
    path("settings/dictionary/<str:code>/", dictionary.value_list_page, name="dictionary_list"),
    path("organisation/changes/", structure.changes, name="changes"),
    path("delegations/", delegations.delegations, name="delegations"),
    path("delegations/<int:pk>/end/", delegations.delegation_end, name="delegation_end"),
    path("profile/", profile.profile, name="profile"),
    path("profile/signature/", signatures.signature, name="signature"),
    path("profile/signature/drop/", signatures.signature_drop, name="signature_drop"),
    path("profile/signature/image/", signatures.signature_image, name="signature_image"),
    path("profile/messages/", profile.preferences, name="preferences"),
    path("profile/token/", profile.token_create, name="token_create"),
    path("profile/token/revoke/", profile.token_revoke, name="token_revoke"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/badge/", notifications.badge, name="notification_badge"),
    path("notifications/read/", notifications.notifications_read, name="notifications_read"),
    path("notifications/<int:pk>/", notifications.notification_open, name="notification_open"),
]
