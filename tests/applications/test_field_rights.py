"""What a step hides of an application: on its page, in the API, in print."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.urls import reverse

import pytest

from applications.choices import FORM
from applications.printing import approval_form_context
from documents.desk import all_desks
from documents.selectors import readable_print
from documents.services.printing import print_document
from lending_crm.common.errors import DomainError
from tests.applications.factories import fresh
from tests.workflows.pages import browser, text_of
from workflows.bpmn.chain import Chain, ChainStage, from_chain, to_chain
from workflows.bpmn.xml import write
from workflows.definitions import definition_of
from workflows.models import FlowVersion, WorkItem
from workflows.services.corrections import correct_document
from workflows.services.submission import submit_document

pytestmark = pytest.mark.django_db


def first_step(**settings: Any) -> None:
    """Publish the shipped route with other settings at its first step."""
    shipped = FlowVersion.objects.get(
        definition__document_kind="business_application", state="PUBLISHED"
    )
    chain = to_chain(definition_of(shipped.pk))
    assert isinstance(chain, Chain)
    first, *others = chain.nodes
    assert isinstance(first, ChainStage)
    changed = replace(first, settings=replace(first.settings, **settings))
    FlowVersion.objects.filter(pk=shipped.pk).update(state="RETIRED")
    FlowVersion.objects.create(
        definition=shipped.definition, number=shipped.number + 1, state="PUBLISHED",
        bpmn=write(from_chain(replace(chain, nodes=(changed, *others)))), sha256="",
        created_at=shipped.created_at,
    )  # fmt: skip


@pytest.fixture
def hidden(lender: Any, now: datetime) -> Any:
    first_step(hidden_fields=("repay_source", "guarantee_items", "remark"))
    application = lender.draft(remark="老客户,还款及时", repay_source="水泥销售回款")
    submit_document(
        kind="business_application", document_id=application.pk, actor=lender.am, now=now
    )
    return fresh(application)


class TestHidden:
    def test_the_documents_own_page_leads_to_the_case(self, lender: Any, hidden: Any) -> None:
        page = browser(lender.people.tl).get(
            reverse("applications:detail", args=[hidden.pk]), follow=True
        )
        assert page.redirect_chain[0][0] == f"/cases/{hidden.case_id}/"
        assert "水泥销售回款" not in text_of(page)
        other = browser(lender.am).get(reverse("applications:detail", args=[hidden.pk]))
        assert "水泥销售回款" in text_of(other)

    def test_the_api_leaves_it_out(self, lender: Any, hidden: Any) -> None:
        path = f"/api/v1/business-applications/{hidden.pk}/"
        answer = browser(lender.people.tl).get(path).json()
        assert not {"repay_source", "guarantee_items", "remark"} & set(answer)
        assert browser(lender.am).get(path).json()["repay_source"] == "水泥销售回款"

    def test_it_is_blank_in_print(self, lender: Any, hidden: Any, now: datetime) -> None:
        form = approval_form_context(hidden, hidden={"repay_source", "guarantee_items"})
        assert form["repay_source"] == "***"
        assert form["guarantee_items"] == []
        mine = print_document(form=FORM, document=hidden, actor=lender.people.tl, now=now)
        his = print_document(form=FORM, document=hidden, actor=lender.am, now=now)
        assert mine.sha256 != his.sha256

    def test_the_schedule_is_not_shown(self, lender: Any, hidden: Any) -> None:
        path = reverse("applications:schedule", args=[hidden.pk])
        assert browser(lender.people.tl).get(path).status_code == 404


class TestCorrecting:
    def test_through_the_databases_door(self, lender: Any, now: datetime) -> None:
        first_step(editable_fields=("purpose_note", "repay_source"))
        application = lender.draft()
        submit_document(
            kind="business_application", document_id=application.pk, actor=lender.am, now=now
        )
        item = WorkItem.objects.get(case__document_id=application.pk, state="OPEN")
        correct_document(
            item_id=item.pk,
            actor=lender.people.tl,
            now=now,
            values={"repay_source": "应收账款回款"},
        )
        assert fresh(application).repay_source == "应收账款回款"


class TestPrintsOfOthers:
    def test_are_not_read_by_whom_they_would_tell(
        self, lender: Any, hidden: Any, now: datetime
    ) -> None:
        his = print_document(form=FORM, document=hidden, actor=lender.am, now=now)
        with pytest.raises(DomainError) as refused:
            readable_print(hidden.pk, his.pk, lender.people.tl)
        assert refused.value.status == 404
        assert readable_print(hidden.pk, his.pk, lender.am) == his


def test_no_list_shows_or_finds_by_what_a_step_can_hide() -> None:
    """Lists, exports and searches know no step: what they name is open to all who see a row."""
    for desk in all_desks():
        hideable = {field.name for field in desk.kind.fields if field.can_hide}
        named = {column.path for column in desk.columns} | set(desk.search)
        assert not hideable & {path.split("__")[0] for path in named}, desk.kind_code
