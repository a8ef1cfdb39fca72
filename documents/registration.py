"""What an app registers of one kind of document, in one call from its ``apps.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext_lazy

from documents.categories import AttachmentCategory, names_in_record, register_categories
from documents.desk import Desk
from documents.desk import register as register_desk
from documents.desk.exports import desk_export
from documents.kinds import RoutedDocumentKind
from lending_crm.common import navigation
from lending_crm.common.change_titles import register_titles
from lending_crm.common.change_words import register_names
from lending_crm.common.exports import register_export
from workflows import flows, kinds
from workflows.bpmn.chain import Chain, from_chain
from workflows.services.definitions import ship_definition

if TYPE_CHECKING:
    from workflows.flow import DocumentFlow

_chains: dict[str, Callable[[], Chain]] = {}


def register_document(
    kind: RoutedDocumentKind,
    *,
    flow: type[DocumentFlow],
    categories: Iterable[AttachmentCategory],
    chain: Callable[[], Chain],
    desk: Desk | None = None,
) -> None:
    """Make the kind known to engine, attachments and menu.

    ``chain`` is the route that ships with the product; ``desk`` its list, form and page.
    """
    kinds.register(kind)
    # By the label, because the papers of a document are no column of it.
    titles = {**kind.list_titles, "attachments": gettext_lazy("attachment")}
    register_titles(kind.model._meta.label_lower, titles)
    register_names(kind.model._meta.label_lower, "attachments", names_in_record)
    flows.register_flow(kind.code, flow)
    register_categories(kind.code, categories)
    _chains[kind.code] = chain
    if desk is not None:
        register_desk(desk)
        navigation.register_item(
            desk.section,
            desk.plural,
            desk.url_name("list"),
            desk.may_see_list,
            order=desk.order,
        )
        register_export(desk_export(desk))


def ship_after_migrations(**_signal: Any) -> None:
    """Every kind has a route, changed by an administrator or not."""
    ship_routes(now=timezone.now())


def shipped_chains() -> list[tuple[str, Chain]]:
    """The routes that ship with the product, by the code of their kind."""
    return [(code, chain()) for code, chain in _chains.items()]


def ship_routes(*, now: datetime) -> list[str]:
    """Publish the shipped route of every kind that has none yet; their titles.

    What an administrator has published is never touched.
    """
    shipped = []
    for code, route in shipped_chains():
        version = ship_definition(
            code=code.replace("_", "-"),
            document_kind=code,
            title=route.name,
            title_en=route.name_en,
            definition=from_chain(route),
            now=now,
        )
        if version is not None:
            shipped.append(route.name)
    return shipped
