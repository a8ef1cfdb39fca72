// The flow diagram of a case, drawn by bpmn-js from the case's own version and marked with what was done.
(() => {
  "use strict";
  const drawn = new WeakSet();
  const viewers = new Set();

  async function draw(holder) {
    if (drawn.has(holder) || !holder.offsetWidth) return;
    drawn.add(holder);
    try {
      const [bpmn, marks] = await Promise.all([
        fetch(holder.dataset.bpmn, { headers: { "X-Requested-With": "fetch" } }).then(text),
        fetch(holder.dataset.marks).then((answer) => answer.json()),
      ]);
      const viewer = new window.BpmnJS({
        container: holder,
        bpmnRenderer: { defaultFillColor: "var(--ui-diagram-fill)", defaultStrokeColor: "var(--ui-diagram-line)", defaultLabelColor: "var(--ui-diagram-text)" },
      });
      await viewer.importXML(withLabels(bpmn, marks.labels));
      fit(viewer.get("canvas"));
      mark(viewer, marks);
      if (marks.changes) approach(viewer, holder.dataset.first?.split(" ") ?? []);
      viewers.add(viewer);
      holder.dataset.drawn = "yes";
    } catch (error) {
      holder.dataset.drawn = "no";
      holder.parentElement.classList.add("is-static");
    }
  }

  function text(answer) {
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.text();
  }

  // The file holds titles in Chinese and conditions as FEEL; readers get them in their own words.
  function withLabels(bpmn, labels) {
    const file = new DOMParser().parseFromString(bpmn, "text/xml");
    for (const element of file.querySelectorAll("[id]")) {
      const words = labels[element.getAttribute("id")];
      if (words) element.setAttribute("name", words);
    }
    return new XMLSerializer().serializeToString(file);
  }

  // The viewer fits what it draws to the very edge, where strokes and labels are cut.
  function fit(canvas) {
    const MARGIN = 16;
    canvas.zoom("fit-viewport", "auto");
    const box = canvas.viewbox();
    const spare = MARGIN / box.scale;
    canvas.viewbox({ x: box.x - spare, y: box.y - spare, width: box.width + 2 * spare, height: box.height + 2 * spare });
  }

  function mark(viewer, marks) {
    for (const [id, change] of Object.entries(marks.changes ?? {})) markChange(viewer, id, change);
    const canvas = viewer.get("canvas");
    const overlays = viewer.get("overlays");
    for (const flow of marks.taken) if (viewer.get("elementRegistry").get(flow)) canvas.addMarker(flow, "is-taken");
    for (const flow of marks.earlier ?? []) if (viewer.get("elementRegistry").get(flow)) canvas.addMarker(flow, "is-earlier");
    for (const [id, node] of Object.entries(marks.nodes)) {
      if (!viewer.get("elementRegistry").get(id)) continue;
      canvas.addMarker(id, `is-${node.state.replace("_", "-")}`);
      const note = document.createElement("div");
      note.className = `ui-diagram-note is-${node.state}`;
      note.textContent = [node.people.join(" · "), node.hours === null ? "" : `${node.hours} h`].filter(Boolean).join("  ");
      if (note.textContent) overlays.add(id, { position: { bottom: -4, left: 0 }, html: note });
    }
  }

  // Two versions side by side: what differs, in colour and in a word.
  function markChange(viewer, id, { kind, word }) {
    const element = viewer.get("elementRegistry").get(id);
    if (!element) return;
    viewer.get("canvas").addMarker(id, `is-${kind}`);
    if (element.waypoints) return;
    const note = document.createElement("div");
    note.className = `ui-diagram-note is-${kind}`;
    note.textContent = word;
    viewer.get("overlays").add(id, { position: { top: -18, left: 0 }, html: note });
  }

  // Two long routes side by side would be unreadable: they open where they begin to differ.
  function approach(viewer, ids) {
    const READABLE = 0.6;
    const canvas = viewer.get("canvas");
    const element = ids.map((id) => viewer.get("elementRegistry").get(id)).find(Boolean);
    if (!element || canvas.zoom() >= READABLE) return;
    const { width, height } = canvas.getSize();
    const at = element.waypoints ? element.waypoints[0] : { x: element.x + element.width / 2, y: element.y + element.height / 2 };
    canvas.viewbox({ x: at.x - width / READABLE / 2, y: at.y - height / READABLE / 2, width: width / READABLE, height: height / READABLE });
  }

  // "Show" beside a change brings the element into the middle of each drawing that has it.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-diagram-show]");
    if (!button) return;
    for (const viewer of viewers) {
      const element = viewer.get("elementRegistry").get(button.dataset.diagramShow);
      if (!element) continue;
      const canvas = viewer.get("canvas");
      canvas.zoom(1);
      canvas.scrollToElement(element, 120);
      viewer.get("selection").select(element);
    }
    document.querySelector("[data-diagram]").scrollIntoView({ block: "nearest" });
  });

  function drawAll(scope) {
    if (!window.BpmnJS) return;
    for (const holder of scope.querySelectorAll("[data-diagram]")) draw(holder);
  }

  document.addEventListener("DOMContentLoaded", () => drawAll(document));
  document.addEventListener("htmx:load", (event) => drawAll(event.detail.elt.parentElement ?? document));
  document.addEventListener("panel-shown", (event) => drawAll(event.target));
})();
