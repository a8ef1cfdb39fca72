"""The list editor's rows of what happens when time runs out."""

from __future__ import annotations

import pytest

from tests.workflows.pages import text_of
from tests.workflows.test_flow_admin import Editor, start_draft
from tests.workflows.world import World
from workflows.bpmn.ladder import DEFAULT_LADDER, Recipient, Rung, RungAct
from workflows.screens.flows import load_editor


@pytest.fixture
def editor(world: World) -> Editor:
    found = Editor(world.adm, start_draft(world))
    found.open("tl")
    return found


def ladder(editor: Editor) -> tuple[Rung, ...]:
    editor.version.refresh_from_db()
    chain = load_editor(editor.version).chain
    assert chain is not None
    return chain.node("tl").settings.ladder


class TestLadderForm:
    def test_the_default_is_shown_and_kept(self, editor: Editor) -> None:
        assert [editor.fields[f"ladder-{n}-percent"] for n in range(3)] == [
            ["80"],
            ["100"],
            ["200"],
        ]

        editor.save()

        assert ladder(editor) == DEFAULT_LADDER

    def test_a_changed_rung(self, editor: Editor) -> None:
        response = editor.save(
            **{"ladder-1-percent": "120", "ladder-1-act": "HAND_OVER", "ladder-1-tell": []}
        )

        assert response.status_code == 200
        assert ladder(editor)[1] == Rung(120, frozenset(), RungAct.HAND_OVER)
        assert "At 120 % of the time limit: the work goes to the superior." in text_of(response)

    def test_a_removed_and_an_added_one(self, editor: Editor) -> None:
        editor.save(
            **{
                "ladder-TOTAL_FORMS": "4", "ladder-2-DELETE": "on", "ladder-3-percent": "50",
                "ladder-3-tell": ["ADMINISTRATOR"], "ladder-3-act": "TELL",
            }
        )  # fmt: skip

        assert [rung.percent for rung in ladder(editor)] == [50, 80, 100]
        assert ladder(editor)[0].tell == {Recipient.ADMINISTRATOR}

    @pytest.mark.parametrize(
        "changed",
        [
            {"ladder-0-percent": "0"},
            {"ladder-0-percent": "1001"},
            {"ladder-0-percent": "half"},
            {"ladder-0-percent": "100"},
            {"ladder-0-tell": []},
            {"ladder-0-tell": ["EVERYBODY"]},
            {"ladder-0-act": "APPROVE"},
        ],
    )
    def test_what_makes_no_sense_is_refused(self, editor: Editor, changed: dict) -> None:
        assert editor.save(**changed).status_code == 422
        assert ladder(editor) == DEFAULT_LADDER

    def test_a_request_without_a_ladder_leaves_it(self, editor: Editor) -> None:
        data = {name: value for name, value in editor.fields.items() if "ladder" not in name}

        editor.client.post(f"/flows/versions/{editor.version.pk}/save/", data)

        assert ladder(editor) == DEFAULT_LADDER
