"""What the product exports opens in bpmn-js, and what it imports can be looked at first."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit
from tests.e2e.steps import business_flow
from tests.e2e.world import World
from tests.workflows.bpmn.samples import VENDOR_APPROVAL
from tests.workflows.bpmn.strategies import definitions
from workflows.bpmn.model import Definition
from workflows.bpmn.xml import write
from workflows.models import FlowVersion

#: opens a file in the viewer that the product brings along; what it says, and what overlaps
OPEN = """
async (xml) => {
  const box = document.createElement('div');
  box.style.cssText = 'width:1200px;height:800px;position:absolute;top:0;left:0';
  document.body.append(box);
  const viewer = new BpmnJS({ container: box });
  try {
    const { warnings } = await viewer.importXML(xml);
    const shapes = viewer.get('elementRegistry').filter(
      (e) => e.width && e.parent && !e.labelTarget && !/Lane|Boundary|Process/.test(e.type));
    const overlaps = [];
    shapes.forEach((a, i) => shapes.slice(i + 1).forEach((b) => {
      if (a.x < b.x + b.width && b.x < a.x + a.width
          && a.y < b.y + b.height && b.y < a.y + a.height)
        overlaps.push(`${a.id} ${b.id}`);
    }));
    return { warnings: warnings.map((w) => w.message), overlaps, shapes: shapes.length };
  } finally { viewer.destroy(); box.remove(); }
}
"""


def opened(page: Page, definition: Definition) -> None:
    found = page.evaluate(OPEN, write(definition))
    assert (found["warnings"], found["overlaps"]) == ([], [])
    assert found["shapes"] > 0


class TestExports:
    def test_open_in_bpmn_js_without_warnings_and_overlaps(
        self, visit: Visit, world: World
    ) -> None:
        version = FlowVersion.objects.filter(state="PUBLISHED").first()
        assert version is not None
        page = visit(world.adm, f"/flows/versions/{version.pk}/")
        found = page.evaluate(OPEN, version.bpmn)
        assert (found["warnings"], found["overlaps"]) == ([], [])

        @settings(
            max_examples=25, deadline=None, database=None,
            suppress_health_check=[HealthCheck.too_slow],
        )  # fmt: skip
        @given(definitions())
        def random_routes(definition: Definition) -> None:
            opened(page, definition)

        random_routes()


class TestImport:
    @pytest.mark.parametrize("width", [1440, 390])
    def test_findings_first_then_the_draft(
        self, visit: Visit, world: World, tmp_path: Path, width: int
    ) -> None:
        path = tmp_path / "其他工具.bpmn"
        path.write_text(VENDOR_APPROVAL, encoding="utf-8")
        adm = visit(world.adm, "/flows/", width=width)
        business_flow(adm).get_by_role("link", name="导入 BPMN").click()
        adm.set_input_files("input[type=file]", str(path))
        adm.get_by_role("button", name="检查文件").click()
        expect(adm.locator("#import-notes")).to_contain_text("candidateGroups “APP”")
        form = "wide" if width > 600 else "narrow"
        picture = adm.locator(f"#import-result img.is-{form}:visible")
        expect(picture).to_have_count(1)
        assert picture.evaluate("image => image.naturalWidth") > 0
        assert not FlowVersion.objects.filter(state="DRAFT").exists()

        adm.get_by_role("button", name="存为草稿").click()
        expect(adm.locator("#findings")).to_contain_text("请设置“Approve”由谁处理")
        assert FlowVersion.objects.filter(state="DRAFT").count() == 1

    def test_a_refused_file_names_each_element(
        self, visit: Visit, world: World, tmp_path: Path
    ) -> None:
        path = tmp_path / "bad.bpmn"
        path.write_text(VENDOR_APPROVAL.replace("userTask", "scriptTask"), encoding="utf-8")
        adm = visit(world.adm, "/flows/")
        business_flow(adm).get_by_role("link", name="导入 BPMN").click()
        adm.set_input_files("input[type=file]", str(path))
        adm.get_by_role("button", name="检查文件").click()
        expect(adm.locator("#import-refused li")).to_have_count(3)
        expect(adm.locator("#import-refused")).to_contain_text("“Second check”(b)")
