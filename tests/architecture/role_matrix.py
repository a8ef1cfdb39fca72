"""Measure which role gets which status at which address, on one small world."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from http.cookies import SimpleCookie
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from customers.models import Consent, Contact, CustomerGroup
from documents.models import Attachment
from staff.models import Employee, Role, RoleAssignment
from tests.applications.factories import Lender
from tests.applications.reconsidering import new, rejected
from tests.applications.test_intermediary import draft
from workflows.models import Case, FlowDefinition, FlowVersion, WorkItem
from workflows.services.submission import submit_document

ROLES = ("anonymous", "am", "other_am", "tl", "brm", "hrm", "fin", "ceo", "adm")
MISSING = 999_999_999
# The same address once more with a suffix, for clients that cannot send headers.
_SKIPPED_PARAMETERS = {"format"}
# A word for each parameter that is no id.
_WORDS = (
    (r"options/<slug:source>", "visible"),
    (r"customers/<slug:kind>", "enterprises"),
    (r"dictionary/<str:code>", "applications.Purpose"),
    (r"reveal/<slug:model>", "contact"),
    (r"<slug:field>", "mobile"),
    (r"<slug:direction>", "incoming"),
    (r"work-items/.*<slug:action>", "approve"),
    (r"versions/.*<slug:action>", "save"),
    (r"cases/.*<slug:action>", "comment"),
)
_HEADERS = {"Idempotency-Key": "00000000-0000-4000-8000-000000000000"}


@dataclass(frozen=True)
class Address:
    """One route of the URL configuration and the names of its parameters."""

    route: str
    parameters: tuple[str, ...]


def addresses() -> Iterator[Address]:
    """Every route once, in the order in which it is written down."""
    seen: set[str] = set()
    for address in _walk(get_resolver(), "", ()):
        if address.route not in seen and not _SKIPPED_PARAMETERS & set(address.parameters):
            seen.add(address.route)
            yield address


def _walk(resolver: URLResolver, prefix: str, outer: tuple[str, ...]) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        pattern = entry.pattern
        inner = (*outer, *(pattern.converters or pattern.regex.groupindex))
        route = prefix + str(pattern).replace("^", "").replace("$", "")
        if isinstance(entry, URLPattern):
            yield Address(route, tuple(inner))
        else:
            yield from _walk(entry, route, tuple(inner))


class World:
    """A lender with one application in approval: something real behind each kind of address."""

    def __init__(self, now: datetime) -> None:
        lender = Lender(now)
        people = lender.people
        self.people: dict[str, Employee] = {
            role: getattr(people, role) for role in ROLES if role != "anonymous"
        }
        application = lender.draft()
        self.case: Case = submit_document(
            kind="business_application", document_id=application.pk, actor=people.am, now=now
        )
        refused = rejected(lender, opportunity=lender.opportunity_of(lender.customer))
        reconsideration, mediation = new(lender, refused), draft(lender)
        flow = FlowDefinition.objects.order_by("pk").first()
        version = FlowVersion.objects.order_by("pk").first()
        group = CustomerGroup.objects.create(name="集团", created_by=people.am, created_at=now)
        tl_item = WorkItem.objects.filter(case=self.case).first()
        attachment = Attachment.objects.filter(document=application.document_ptr).first()
        self.case.refresh_from_db()
        # What every act asks for; the rest of a form stays empty.
        self.act = {"seen_version": str(self.case.version)}
        self._ids: list[tuple[str, Any]] = [
            (r"reconsiderations/new/", refused),
            (r"reconsiderations/", reconsideration),
            (r"intermediary-applications/new/", lender.opportunity),
            (r"intermediary-applications/", mediation),
            (r"applications/<.*pk|<.*application_id|business-applications/", application),
            (r"settings/products/", lender.product),
            (r"opportunities/|opportunity_id", lender.opportunity),
            (r"customers/groups/", group),
            (r"consents/", Consent.objects.first()),
            (r"contacts/|reveal/", Contact.objects.first()),
            (r"customers/|customer_pk", lender.customer),
            (r"attachment_id|attachments/<.*pk", attachment),
            (r"document_id|documents/", application),
            (r"case_id|cases/", self.case),
            (r"item_id|work-items/", tl_item),
            (r"version_id|flows/versions/", version),
            (r"definition_id|flows/", flow),
            (r"people/|employees/", people.colleague),
            (r"branches/|branch_pk", people.branch),
            (r"departments/", people.department),
            (r"roles/", Role.objects.get(code="AM")),
            (r"assignments/", RoleAssignment.objects.filter(employee=people.colleague).first()),
        ]

    def path(self, address: Address) -> str:
        """A concrete address: this world's objects where it has them, else an unknown id."""
        return "/" + re.sub(
            r"<[^>]*>|\(\?P<\w+>(?:\[[^\]]*\][+*]?|\\.|\{[^}]*\}|[^()])*\)",
            lambda match: self._value(address.route[: match.end()], match[0]),
            address.route,
        ).replace("\\.", ".").replace("\\", "")

    def _value(self, route_so_far: str, parameter: str) -> str:
        # The nearest words before a parameter say what it names.
        near = "/".join(route_so_far.split("/")[-3:])
        if not re.search(r"int:|\\d|pk>|id>", parameter):
            return next((word for pattern, word in _WORDS if re.search(pattern, near)), "none")
        things = (thing for pattern, thing in self._ids if re.search(pattern, near))
        thing = next(things, None)
        return str(MISSING if thing is None else thing.pk)


def measure(world: World, role: str) -> dict[str, str]:
    """For each route the status of a GET, or of an empty POST (with a ``p``) where GET is not.

    Each request is rolled back, so that none sees what another did.
    """
    client = Client(raise_request_exception=False)
    if role != "anonymous":
        client.force_login(world.people[role])
    cookies = client.cookies.output(header="", sep=";")
    found: dict[str, str] = {}
    for address in addresses():
        path = world.path(address)
        status = _status(client, cookies, "get", path)
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            found[address.route] = f"p{_status(client, cookies, 'post', path, world.act)}"
        else:
            found[address.route] = str(status)
    return found


def _status(
    client: Client, cookies: str, method: str, path: str, data: dict[str, str] | None = None
) -> int:
    client.cookies = SimpleCookie(cookies)
    with transaction.atomic():
        response = getattr(client, method)(path, data, headers=_HEADERS)
        transaction.set_rollback(True)
    return response.status_code
