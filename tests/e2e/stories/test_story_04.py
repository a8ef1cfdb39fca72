"""Story 4: whoever handles a case never decides on it; his step goes to his superior."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.steps import decide
from tests.e2e.world import World
from workflows.models import Case


def test_story_04_handlers_own_step_moves_up(visit: Visit, world: World) -> None:
    case = _case_of_the_risk_manager(world)
    tl = visit(world.tl, f"/cases/{case.pk}/")
    decide(tl, "approve", opinion="同意")
    item = world.item(case, world.bgm)

    brm = visit(world.brm, f"/cases/{case.pk}/")
    expect(brm.locator(".ui-case-now")).to_contain_text("孙总")
    assert brm.locator("[data-dialog-open='act-approve']").count() == 0
    refused = brm.evaluate(
        """async (url) => {
            const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
            const body = new URLSearchParams({opinion: "同意", csrfmiddlewaretoken: token});
            const answer = await fetch(url, {method: "POST", body});
            return [answer.status, await answer.text()];
        }""",
        f"/work-items/{item.pk}/approve/",
    )
    assert refused[0] == 403
    assert "不能审批本人发起或经办的单据。" in refused[1]
    assert "WF-01" in refused[1]

    bgm = visit(world.bgm, f"/cases/{case.pk}/")
    decide(bgm, "approve", opinion="同意")
    hrm = visit(world.hrm, f"/cases/{case.pk}/")
    decide(hrm, "approve", opinion="同意")
    expect(hrm.locator(".ui-case-title")).to_contain_text("已通过")


def _case_of_the_risk_manager(world: World) -> Case:
    """ORG-01 keeps business and risk roles apart; a work handover may still do this."""
    application = world.draft()
    type(application.document_ptr).objects.filter(pk=application.pk).update(
        handler=world.brm, creator=world.brm
    )
    return world.submitted(world.application(application.pk))
