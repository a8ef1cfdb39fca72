"""The inbox as an approver uses it all day: keys, stale tabs, many at once, a phone."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit
from tests.e2e.steps import decide, fill_act, settle
from tests.e2e.world import World
from workflows.choices import CaseState, Decision
from workflows.models import Case, WorkItem
from workflows.services.administration import resume_case, suspend_case


def title(page: Page) -> str:
    page.wait_for_selector(".ui-case")
    return page.locator("#case-title").inner_text()


class TestStaleTab:
    def move(self, world: World, case: Case) -> None:
        """What was shown of the case is old; what was on offer still is."""
        for act in (suspend_case, resume_case):
            act(
                case_id=case.pk,
                actor=world.again(world.adm),
                now=world.tick(),
                reason="核查客户资料",
            )

    def test_the_second_tab_hears_it_and_keeps_the_opinion(
        self, visit: Visit, world: World
    ) -> None:
        case = world.submitted()
        first = visit(world.tl, f"/cases/{case.pk}/")
        second = first.context.new_page()
        second.goto(f"/cases/{case.pk}/")
        fill_act(second, "approve", opinion="同意,押品足值")
        decide(first, "approve", opinion="同意")

        with second.expect_response("**/approve/") as answer:
            second.locator("button[form=form-approve]").click()

        assert answer.value.status == 409
        # It is decided: nothing to approve is on offer any more, so the words stand by themselves.
        expect(second.locator(".ui-overtaken [data-refusal]")).to_be_visible()
        expect(second.locator("#kept-words")).to_have_value("同意,押品足值")
        assert WorkItem.objects.filter(case=case, decision=Decision.APPROVE).count() == 1

    def test_the_dialog_opens_again_with_all_that_was_typed(
        self, visit: Visit, world: World
    ) -> None:
        case = world.submitted()
        tl = visit(world.tl, f"/cases/{case.pk}/")
        fill_act(tl, "return", opinion="请补充近三个月流水")
        tl.uncheck("#form-return [name=resumes_directly]")
        self.move(world, case)

        with tl.expect_response("**/return/") as answer:
            tl.locator("button[form=form-return]").click()

        assert answer.value.status == 409
        dialog = tl.locator("#act-return")
        expect(dialog.locator("[data-refusal]")).to_be_visible()
        expect(dialog.locator("[name=opinion]")).to_have_value("请补充近三个月流水")
        expect(dialog.locator("[name=resumes_directly]")).not_to_be_checked()
        with tl.expect_navigation():
            tl.locator("button[form=form-return]").click()
        assert Case.objects.get(pk=case.pk).state == CaseState.RETURNED

    def test_so_does_the_person_who_was_chosen(self, visit: Visit, world: World) -> None:
        case = world.submitted()
        tl = visit(world.tl, f"/cases/{case.pk}/")
        fill_act(tl, "delegate", reason="出差一周,请代为核实")
        # Whom he may ask is listed before he types a name.
        chosen = tl.locator("#delegate-who").select_option(index=0)
        self.move(world, case)

        tl.locator("button[form=form-delegate]").click()

        # The fresh dialog lists people anew, besides the one who was chosen.
        expect(tl.locator("#delegate-who option").nth(1)).to_be_attached()
        expect(tl.locator("#act-delegate [data-refusal]")).to_be_visible()
        expect(tl.locator("#delegate-who")).to_have_value(chosen[0])

    def test_who_is_chosen_stays_when_another_is_looked_for(
        self, visit: Visit, world: World
    ) -> None:
        case = world.submitted()
        tl = visit(world.tl, f"/cases/{case.pk}/")
        fill_act(tl, "add_signers", reason="请核实押品")
        first = tl.locator("#add_signers-who").select_option(index=0)
        tl.fill("#form-add_signers [name=q]", "无此人")
        expect(tl.locator("#add_signers-who option[value='']")).to_be_attached()  # nobody found
        expect(tl.locator("#add_signers-who")).to_have_values(first)

    def test_a_double_click_decides_once(self, visit: Visit, world: World) -> None:
        case = world.submitted()
        tl = visit(world.tl, f"/cases/{case.pk}/")
        fill_act(tl, "approve", opinion="同意")
        with tl.expect_navigation():
            tl.locator("button[form=form-approve]").dblclick()

        assert WorkItem.objects.filter(case=case, decision=Decision.APPROVE).count() == 1


class TestKeyboard:
    def test_decides_without_a_mouse_and_opens_the_next(self, visit: Visit, world: World) -> None:
        for _number in range(3):
            world.submitted()
        tl = visit(world.tl, "/inbox/")
        rows = tl.locator("[data-row]")
        expect(rows).to_have_count(3)
        names = [text.split("\n")[0] for text in rows.all_inner_texts()]

        with tl.expect_navigation():
            tl.keyboard.press("j")
        assert title(tl) == names[0]
        with tl.expect_navigation():
            tl.keyboard.press("j")
        assert title(tl) == names[1]
        with tl.expect_navigation():
            tl.keyboard.press("k")
        assert title(tl) == names[0]

        settle(tl)
        tl.keyboard.press("a")
        expect(tl.locator("#act-approve")).to_be_visible()
        tl.keyboard.type("jka?")
        expect(tl.locator("#form-approve [name=opinion]")).to_have_value("同意jka?")
        with tl.expect_navigation():
            tl.keyboard.press("Control+Enter")

        assert title(tl) == names[1]
        expect(rows).to_have_count(2)
        approved = Case.objects.get(party=names[0])
        assert WorkItem.objects.filter(case=approved, decision=Decision.APPROVE).count() == 1

    def test_rests_while_an_input_method_composes(self, visit: Visit, world: World) -> None:
        world.submitted()
        tl = visit(world.tl, "/inbox/")
        tl.locator("[data-row]").click()
        title(tl)
        settle(tl)
        tl.evaluate(
            "for (const key of ['a', 'r', '?']) document.body.dispatchEvent(new KeyboardEvent("
            "'keydown', {key, bubbles: true, isComposing: true, cancelable: true}))"
        )

        expect(tl.locator("dialog[open]")).to_have_count(0)
        tl.keyboard.press("r")
        expect(tl.locator("#act-return")).to_be_visible()


class TestBulk:
    def test_approves_what_is_ticked_and_names_each_result(
        self, visit: Visit, world: World
    ) -> None:
        cases = [world.submitted() for _number in range(3)]
        tl = visit(world.tl, "/inbox/")
        expect(tl.get_by_role("button", name="批量同意")).to_be_disabled()
        tl.get_by_label("本页全选").check()
        tl.locator("[name=item]").nth(2).uncheck()
        tl.get_by_role("button", name="批量同意").click()

        expect(tl.locator("#preview tbody tr")).to_have_count(2)
        # Meanwhile the handler withdraws one of the two.
        ticked = tl.locator("#preview tbody tr").all_inner_texts()
        gone = next(case for case in cases if case.doc_no in ticked[0])
        am = visit(world.am, f"/cases/{gone.pk}/")
        decide(am, "withdraw", reason="客户改期")
        tl.get_by_role("button", name="全部同意").click()

        expect(tl.locator("h1")).to_have_text("批量审批")
        expect(tl.locator("#results tbody tr")).to_have_count(2)
        expect(tl.locator("#results tr").filter(has_text=gone.doc_no)).to_contain_text("WF-")
        states = sorted(
            WorkItem.objects.filter(decision=Decision.APPROVE).values_list("case__state", flat=True)
        )
        assert states == [CaseState.IN_APPROVAL]


class TestPhone:
    def test_decides_on_a_narrow_screen(self, visit: Visit, world: World) -> None:
        case = world.submitted()
        tl = visit(world.tl, "/inbox/", width=390, has_touch=True, is_mobile=True)
        tl.locator("[data-row]").tap()
        title(tl)
        settle(tl)
        assert tl.evaluate("pageChecks.overflow()") == ""
        button = tl.locator("[data-dialog-open='act-approve']")
        box = button.bounding_box()
        assert box
        assert box["height"] >= 44
        assert box["y"] + box["height"] <= 844  # the bar stays in sight
        button.tap()
        assert tl.evaluate("pageChecks.overflow()") == ""
        with tl.expect_navigation():
            tl.locator("button[form=form-approve]").tap()

        assert WorkItem.objects.filter(case=case, decision=Decision.APPROVE).count() == 1
