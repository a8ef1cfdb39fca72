from __future__ import annotations

import io
import json

from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

import pytest

from tests.workflows.world import World
from workflows.hashing import content_hash
from workflows.models import Case, FlowVersion, HistoryEvent
from workflows.verification import verify_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(world: World) -> Case:
    case = world.approve(world.submitted(), world.tl, opinion="同意,材料齐全")
    return world.approve(case, world.brm)


def tamper(sql: str, *params: object) -> None:
    """Change rows as somebody with the keys to the database would."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, params)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


class TestAppendOnly:
    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE workflows_historyevent SET opinion = 'x'",
            "DELETE FROM workflows_historyevent",
            "UPDATE workflows_snapshot SET sha256 = 'x'",
            "DELETE FROM workflows_snapshot",
        ],
    )
    def test_n15_wf_16_the_database_refuses(self, case: Case, sql: str) -> None:
        with (
            pytest.raises(DatabaseError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)
        assert HistoryEvent.objects.filter(case=case).count() == 3

    def test_n17_a_published_version_never_changes(self, case: Case) -> None:
        with pytest.raises(DatabaseError), transaction.atomic():
            FlowVersion.objects.filter(pk=case.flow_version_id).update(bpmn="<x/>")
        with pytest.raises(DatabaseError), transaction.atomic():
            FlowVersion.objects.filter(pk=case.flow_version_id).update(state="DRAFT")


class TestVerifyHistory:
    def test_an_untouched_history_is_intact(self, case: Case) -> None:
        assert verify_case(Case.objects.get(pk=case.pk)) is None

    def test_names_the_first_event_whose_content_changed(self, case: Case) -> None:
        tamper("UPDATE workflows_historyevent SET opinion = '不同意' WHERE sequence = 2")
        link = verify_case(Case.objects.get(pk=case.pk))
        assert link is not None
        assert link.sequence == 2

    def test_notices_a_removed_event(self, case: Case) -> None:
        tamper("DELETE FROM workflows_historyevent WHERE sequence = 2")
        assert verify_case(Case.objects.get(pk=case.pk)).sequence == 2  # type: ignore[union-attr]

    def test_notices_a_cut_off_end(self, case: Case) -> None:
        tamper("DELETE FROM workflows_historyevent WHERE sequence = 3")
        assert verify_case(Case.objects.get(pk=case.pk)).sequence == 3  # type: ignore[union-attr]

    def test_notices_a_changed_snapshot(self, case: Case) -> None:
        tamper("UPDATE workflows_snapshot SET content = '{}'")
        assert verify_case(Case.objects.get(pk=case.pk)) is not None

    def test_notices_a_snapshot_that_was_changed_with_its_hash(self, case: Case) -> None:
        content = {"fields": []}
        tamper(
            "UPDATE workflows_snapshot SET content = %s, sha256 = %s",
            json.dumps(content), content_hash(content),
        )  # fmt: skip
        link = verify_case(Case.objects.get(pk=case.pk))
        assert link is not None
        assert link.sequence == 1

    def test_command_names_the_case_and_fails(self, case: Case) -> None:
        tamper("UPDATE workflows_historyevent SET actor_name = '别人' WHERE sequence = 3")
        out = io.StringIO()
        with pytest.raises(CommandError):
            call_command("verify_history", stdout=out)
        assert f"{case.doc_no}, event 3" in out.getvalue()

    def test_command_says_what_it_checked(self, case: Case) -> None:
        out = io.StringIO()
        call_command("verify_history", stdout=out)
        assert out.getvalue() == "1 histories with 3 events are intact.\n"
