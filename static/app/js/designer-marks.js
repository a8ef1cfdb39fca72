// What the server says about the drawing, on the drawing: findings at their elements, conditions in words on their flows.
(() => {
  "use strict";
  const { text } = window.designer;

  function Marks(modeler, list, choose) {
    const overlays = modeler.get("overlays");
    const registry = modeler.get("elementRegistry");
    const canvas = modeler.get("canvas");
    let told = { findings: [], conditions: {} };

    this.show = (assessment) => {
      told = assessment;
      this.draw();
      fill();
    };
    Object.defineProperty(this, "errors", { get: () => told.findings.filter((each) => each.severity === "error").length });

    this.draw = () => {
      overlays.remove({ type: "finding" });
      overlays.remove({ type: "condition" });
      for (const element of registry.filter(() => true)) {
        canvas.removeMarker(element, "has-finding");
        canvas.removeMarker(element, "has-warning");
      }
      for (const [id, found] of Map.groupBy(told.findings, (each) => each.element_id)) mark(id, found);
      for (const [id, words] of Object.entries(told.conditions)) label(id, words);
    };

    function mark(id, found) {
      const element = registry.get(id);
      if (!element || element === canvas.getRootElement()) return;
      const isError = found.some((each) => each.severity === "error");
      canvas.addMarker(element, isError ? "has-finding" : "has-warning");
      const badge = document.createElement("button");
      badge.type = "button";
      badge.className = `ui-designer-badge ${isError ? "is-error" : "is-warning"}`;
      badge.textContent = isError ? "!" : "?";
      badge.title = found.map((each) => each.message).join("\n");
      badge.setAttribute("aria-label", badge.title);
      badge.addEventListener("click", () => choose(id));
      overlays.add(element, "finding", { position: element.waypoints ? middle(element) : { top: -12, right: 12 }, html: badge });
    }

    function label(id, words) {
      const flow = registry.get(id);
      if (!flow?.waypoints) return;
      const note = document.createElement("div");
      note.className = "ui-designer-condition";
      note.textContent = words;
      const [first, second] = flow.waypoints;
      const isLevel = Math.abs(first.y - second.y) < Math.abs(first.x - second.x);
      const [left, top] = corner(flow);
      if (isLevel) {
        note.classList.add("is-level");
        note.style.maxWidth = `${Math.max(Math.abs(first.x - second.x) - 12, 48)}px`;
      }
      const position = isLevel
        ? { left: Math.min(first.x, second.x) - left + 4, top: first.y - top - 3 }
        : { left: first.x - left + 6, top: (first.y + second.y) / 2 - top - 9 };
      overlays.add(flow, "condition", { position, html: note });
    }

    function corner(flow) {
      return [Math.min(...flow.waypoints.map((p) => p.x)), Math.min(...flow.waypoints.map((p) => p.y))];
    }

    function middle(flow) {
      const [left, top] = corner(flow);
      const last = flow.waypoints.length - 1;
      const [a, b] = [flow.waypoints[Math.floor(last / 2)], flow.waypoints[Math.ceil(last / 2 + 0.1)] ?? flow.waypoints[last]];
      return { left: (a.x + b.x) / 2 - left - 9, top: (a.y + b.y) / 2 - top + 2 };
    }

    function fill() {
      const items = told.findings.map((finding) => {
        const item = document.createElement("li");
        const isError = finding.severity === "error";
        item.className = `ui-tone-${isError ? "red" : "amber"}`;
        const words = document.createElement("span");
        words.textContent = finding.message;
        item.append(icon(isError ? "alert-circle" : "alert-triangle", text(isError ? "error" : "warning")), words);
        if (registry.get(finding.element_id)) {
          const jump = document.createElement("button");
          jump.type = "button";
          jump.className = "btn btn-quiet btn-sm";
          jump.dataset.designerSelect = finding.element_id;
          jump.textContent = text("show");
          item.append(jump);
        }
        return item;
      });
      if (items.length) {
        const shown = document.createElement("ul");
        shown.className = "ui-findings";
        shown.append(...items);
        list.replaceChildren(shown);
      } else {
        const clean = document.createElement("p");
        clean.className = "ui-designer-clean";
        clean.append(icon("circle-check", ""), text("clean"));
        list.replaceChildren(clean);
      }
    }
  }

  function icon(name, label) {
    const sprite = document.getElementById("script-texts").dataset.sprite;
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "ui-icon");
    if (label) {
      svg.setAttribute("role", "img");
      svg.setAttribute("aria-label", label);
    } else svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS(svg.namespaceURI, "use");
    use.setAttribute("href", `${sprite}#${name}`);
    svg.append(use);
    return svg;
  }

  window.designer.Marks = Marks;
})();
