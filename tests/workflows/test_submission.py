from __future__ import annotations

import pytest

from lending_crm.common.errors import DomainError, Refusals
from lending_crm.common.models import OutboxMessage
from staff.models import Employee
from tests.workflows.world import NOW, World, default_stages, fresh, stage
from workflows.bpmn.model import AssigneeKind, AssigneeRule, RoleReach
from workflows.choices import CaseState, EventKind, ItemState
from workflows.models import Case, FlowVersion, HistoryEvent, Stage, WorkItem
from workflows.services import decisions, submission

pytestmark = pytest.mark.django_db


class TestSubmitDocument:
    def test_opens_the_first_stage_for_its_people(self, world: World) -> None:
        case = world.submitted()
        item = WorkItem.objects.get(case=case)
        assert case.state == CaseState.IN_APPROVAL
        assert item.stage.node_id == "tl"
        assert WorkItem.objects.waiting_for(fresh(world.tl)).get() == item
        assert not WorkItem.objects.waiting_for(fresh(world.brm)).exists()

    def test_freezes_facts_snapshot_and_version(self, world: World) -> None:
        document = world.document(amount="600000.00", level=2)
        case = world.submit(document)
        assert case.facts == {"amount": "600000.00", "level": 2}
        assert case.flow_version == world.version
        snapshot = case.snapshots.get()
        assert {
            "name": "amount",
            "label": "amount",
            "value": "600000.00",
            "display": "600000.00",
        } in (snapshot.content["fields"])
        document.refresh_from_db()
        assert (document.wf_status, document.case_id) == ("IN_APPROVAL", case.pk)

    def test_tells_the_approver_through_the_outbox(self, world: World) -> None:
        case = world.submitted()
        message = OutboxMessage.objects.get()
        assert message.payload["event"] == "work_item.arrived"
        assert message.payload["recipients"] == [world.tl.pk]
        assert message.payload["url"] == f"/cases/{case.pk}/"

    def test_records_the_edges_that_were_taken(self, world: World) -> None:
        event = world.submitted().events.get()
        assert event.kind == EventKind.SUBMITTED
        assert event.path == ["start_to_tl"]

    def test_refuses_with_all_reasons_at_once(self, world: World) -> None:
        document = world.document(wrong=["BUS-01", "BUS-03"])
        with pytest.raises(Refusals) as refused:
            world.submit(document)
        assert [reason.code for reason in refused.value.reasons] == ["BUS-01", "BUS-03"]
        assert not Case.objects.exists()

    def test_refuses_for_the_document_and_its_way_at_once(self, db: None) -> None:
        rule = AssigneeRule(AssigneeKind.APPLICANT, role="HRM", reach=RoleReach.HEAD_OFFICE)
        chosen = stage("chosen", rule, duty_line="RISK")
        world = World(*default_stages()[:3], chosen)
        Employee.objects.filter(pk__in=[world.brm.pk, world.bgm.pk]).update(is_active=False)
        document = world.document(wrong=["BUS-01"])
        with pytest.raises(Refusals) as refused:
            world.submit(document)
        codes = [reason.code for reason in refused.value.reasons]
        assert codes == ["BUS-01", "WF-11", "WF-11", "WF-75"]
        with pytest.raises(DomainError) as told:
            submission.submit_document(kind="toy", document_id=document.pk, actor=world.tl, now=NOW)
        assert [reason.code for reason in told.value.reasons] == ["WF-29"]

    def test_wf_10_comes_with_what_the_document_lacks(self, world: World) -> None:
        FlowVersion.objects.update(state="RETIRED")
        with pytest.raises(Refusals) as refused:
            world.submit(world.document(wrong=["BUS-01"]))
        assert [reason.code for reason in refused.value.reasons] == ["BUS-01", "WF-10"]

    @pytest.mark.parametrize("resumes_directly", [True, False])
    def test_a_resubmission_is_refused_for_all_at_once_too(
        self, world: World, resumes_directly: bool
    ) -> None:
        document = world.document()
        case = world.approve(world.submit(document), world.tl)
        decisions.return_case(
            item_id=world.item(case).pk, actor=fresh(world.brm), now=NOW, opinion="请补充说明",
            resumes_directly=resumes_directly,
        )  # fmt: skip
        world.edit(document, wrong=["BUS-03"])
        Employee.objects.filter(pk=world.bgm.pk).update(is_active=False)
        with pytest.raises(Refusals) as refused:
            world.submit(document)
        assert [reason.code for reason in refused.value.reasons] == ["BUS-03", "WF-11"]
        case.refresh_from_db()
        assert case.state == CaseState.RETURNED

    def test_refuses_anybody_but_the_handler(self, world: World) -> None:
        document = world.document()
        with pytest.raises(DomainError) as refused:
            submission.submit_document(kind="toy", document_id=document.pk, actor=world.tl, now=NOW)
        assert refused.value.code == "WF-29"

    def test_refuses_a_second_submission(self, world: World) -> None:
        document = world.document()
        world.submit(document)
        with pytest.raises(DomainError) as refused:
            world.submit(document)
        assert refused.value.code == "WF-05"
        assert HistoryEvent.objects.count() == 1

    def test_repeats_nothing_under_the_same_key(self, world: World) -> None:
        document = world.document()
        first = world.submit(document, idempotency_key="k1")
        assert world.submit(document, idempotency_key="k1") == first
        assert HistoryEvent.objects.count() == 1

    def test_refuses_a_stale_document(self, world: World) -> None:
        document = world.document()
        with pytest.raises(DomainError) as refused:
            world.submit(document, seen_version=7)
        assert refused.value.code == "WF-12"

    def test_wf_10_without_a_published_version(self, world: World) -> None:
        FlowVersion.objects.update(state="RETIRED")
        with pytest.raises(DomainError) as refused:
            world.submitted()
        assert refused.value.code == "WF-10"

    def test_wf_11_names_the_stage_without_people(self, world: World) -> None:
        world.brm.is_active = False
        world.brm.save()
        with pytest.raises(DomainError) as refused:
            world.submitted()
        assert refused.value.code == "WF-11"
        assert "节点brm" in refused.value.message

    def test_a_route_without_a_stage_is_no_route(self, world: World) -> None:
        """N16: a case never finishes because nobody had to answer."""
        definition = world.version.definition
        FlowVersion.objects.update(state="RETIRED")
        from tests.workflows.world import at_least, by_role
        from workflows.bpmn.chain import Chain, from_chain
        from workflows.bpmn.xml import write

        route = Chain("r", "r", nodes=(stage("x", by_role("TL"), when=at_least("level", 9)),))
        FlowVersion.objects.create(
            definition=definition, number=2, bpmn=write(from_chain(route)), sha256="",
            state="PUBLISHED", created_at=NOW,
        )  # fmt: skip
        with pytest.raises(DomainError) as refused:
            world.submitted()
        assert refused.value.code == "WF-10"


class TestWithdrawCase:
    def withdraw(self, case: Case, **values: object) -> Case:
        values = {"actor": case.handler, "reason": "资料有误", **values}
        return submission.withdraw_case(case_id=case.pk, now=NOW, **values)

    def test_gives_the_document_back_to_its_handler(self, world: World) -> None:
        document = world.document()
        case = self.withdraw(world.submit(document))
        document.refresh_from_db()
        assert case.state == document.wf_status == "WITHDRAWN"
        correction = WorkItem.objects.get(case=case, state=ItemState.OPEN)
        assert correction.assignee == world.am
        assert Stage.objects.filter(process=case, node_id="tl", outcome="CLOSED").exists()
        assert WorkItem.objects.filter(stage__node_id="tl", state=ItemState.NOT_NEEDED).exists()

    def test_can_be_submitted_again_in_a_new_round(self, world: World) -> None:
        document = world.document()
        self.withdraw(world.submit(document))
        case = world.submit(document)
        assert (case.state, case.round) == (CaseState.IN_APPROVAL, 2)
        assert world.item(case, world.tl).round == 2

    def test_is_for_the_handler_only(self, world: World) -> None:
        case = world.submitted()
        with pytest.raises(DomainError) as refused:
            self.withdraw(case, actor=world.tl)
        assert refused.value.code == "WF-29"

    def test_wf_13_after_the_final_decision(self, world: World) -> None:
        case = world.submitted()
        for who in (world.tl, world.brm, world.bgm):
            case = world.approve(case, who)
        with pytest.raises(DomainError) as refused:
            self.withdraw(case)
        assert refused.value.code == "WF-13"

    def test_needs_a_reason(self, world: World) -> None:
        case = world.submitted()
        with pytest.raises(DomainError) as refused:
            self.withdraw(case, reason=" ")
        assert refused.value.code == "WF-07"
