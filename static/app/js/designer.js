// The designer: draws the draft, sends it to be checked and saved, and shows the settings of what is selected.
(() => {
  "use strict";
  const root = document.querySelector("[data-designer]");
  if (!root) return;
  const { designer, ui, htmx } = window;
  const { text } = designer;
  const LANE_STEP = 40; // pixels
  const QUIET = 500; // milliseconds without a change before the drawing is checked again
  const panel = document.getElementById("designer-panel");
  const refusal = root.querySelector("[data-designer-refusal]");
  const modeler = new window.BpmnJS({
    container: root.querySelector("[data-designer-canvas]"),
    additionalModules: [designer.modules],
    bpmnRenderer: { defaultFillColor: "var(--ui-diagram-fill)", defaultStrokeColor: "var(--ui-diagram-line)", defaultLabelColor: "var(--ui-diagram-text)" },
  });
  const [canvas, registry, selection, stack, modeling] = ["canvas", "elementRegistry", "selection", "commandStack", "modeling"].map((name) => modeler.get(name));
  const marks = new designer.Marks(modeler, root.querySelector("[data-designer-findings]"), (id) => choose(id, true));
  let revision = Number(root.dataset.revision);
  let shown = ""; // the element whose settings the panel holds; empty is the route
  let isDrawn = false;
  let isUnsaved = false;
  let isTyped = false; // something was typed into the panel and not applied yet
  let isSaving = false;
  let isTaking = false; // the drawing takes over what the server says
  let waiting = 0;
  let checks = 0;
  let changes = 0;

  // -- talking to the server ---------------------------------------------------------------

  async function send(method, path, body) {
    const headers = { "Content-Type": "application/json", Accept: "application/json", ...JSON.parse(document.body.getAttribute("hx-headers")) };
    let answer;
    try {
      answer = await fetch(root.dataset.api + path, { method, headers, body: body && JSON.stringify(body) });
    } catch {
      throw { detail: text("unreachable") };
    }
    const found = await answer.json().catch(() => ({}));
    if (!answer.ok) throw { ...found, status: answer.status, detail: found.detail ?? text("unreachable") };
    return found;
  }

  const drawing = async () => designer.stored((await modeler.saveXML({ format: true })).xml);

  function refuse(problem) {
    const node = ui.alertNode(`${problem.detail}${problem.code ? ` (${problem.code})` : ""}`);
    if (problem.status === 409) node.append(document.getElementById("designer-stale").content.cloneNode(true));
    ui.refuse(refusal, node);
  }

  async function check() {
    const number = (checks += 1);
    try {
      const found = await send("POST", "check/", { bpmn: await drawing() });
      if (number === checks) marks.show(found);
    } catch (problem) {
      if (number === checks) refuse(problem);
    }
  }

  async function save() {
    if (isSaving || !(await applied())) return false;
    isSaving = true;
    const before = changes;
    try {
      const found = await send("PUT", "", { bpmn: await drawing(), seen_version: revision });
      revision = found.revision;
      checks += 1;
      refusal.replaceChildren();
      marks.show(found);
      setUnsaved(changes !== before);
      ui.toast(text("saved"), "success");
      return true;
    } catch (problem) {
      refuse(problem);
      return false;
    } finally {
      isSaving = false;
    }
  }

  async function publish() {
    if ((isUnsaved || isTyped) && !(await save())) return;
    const form = document.getElementById("publish-form");
    form.elements.revision.value = String(revision);
    const verdict = form.querySelector("[data-designer-verdict]");
    verdict.replaceChildren();
    if (marks.errors) verdict.append(ui.alertNode(text("errors").replace("%(n)s", marks.errors)));
    document.getElementById("publish").showModal();
    document.getElementById("publish-note").focus();
  }

  function setUnsaved(value) {
    isUnsaved = value;
    root.querySelector("[data-designer-state]").textContent = text(value ? "unsaved" : "stored");
    root.classList.toggle("is-unsaved", value);
  }

  // -- the panel ---------------------------------------------------------------------------

  const form = () => panel.querySelector("[data-designer-form]");
  const elementOf = (id) => registry.get(id) ?? canvas.getRootElement();
  const selected = () => selection.get()[0];

  // The form goes out together with the drawing as it stands at that moment.
  document.addEventListener("htmx:confirm", (event) => {
    if (!event.target.matches?.("[data-designer-form]")) return;
    event.preventDefault();
    drawing().then((bpmn) => {
      event.target.elements.bpmn.value = bpmn;
      event.detail.issueRequest(true);
    });
  });

  // At once (settle:0ms): before it has settled htmx does not know the form, and the browser would
  // send it by itself, without the drawing.
  async function load(id) {
    shown = id;
    const values = { bpmn: await drawing(), element: id };
    if (shown !== id) return;
    await htmx.ajax("POST", root.dataset.panel, { target: panel, swap: "innerHTML settle:0ms", values });
  }

  let tell = () => {}; // answers whoever waits until what was typed has been applied
  let taken = Promise.resolve(); // until the drawing holds what the server answered last

  async function takeOver(id, fragment) {
    isTaking = true;
    try {
      await designer.takeOver(modeler, elementOf(id), fragment);
      return true;
    } catch {
      isTyped = true; // still to be applied
      refuse({ detail: text("notTaken") });
      return false;
    } finally {
      isTaking = false;
    }
  }

  panel.addEventListener("htmx:afterSettle", async () => {
    const current = form();
    const fragment = current?.dataset.fragment;
    isTyped = Boolean(current?.querySelector("[aria-invalid='true']"));
    if (fragment) {
      delete current.dataset.fragment;
      taken = takeOver(current.dataset.element, fragment);
    }
    tell(Boolean(fragment) && await taken);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (![200, 422].includes(event.detail.xhr.status)) tell(false);
  });
  panel.addEventListener("input", (event) => { if (!event.target.closest("[data-no-draft]")) isTyped = true; });
  panel.addEventListener("change", (event) => { if (!event.target.closest("[data-no-draft]")) isTyped = true; });

  // Applies what was typed; false when it stays to be corrected or applied.
  async function applied() {
    await taken;
    if (!isTyped || !form()) return true;
    const isGood = await new Promise((resolve) => {
      tell = resolve;
      form().requestSubmit();
    });
    if (panel.querySelector("[aria-invalid='true']")) ui.toast(text("correctFirst"), "warning");
    return isGood;
  }

  let following = Promise.resolve();
  function follow() {
    following = following.then(async () => {
      const chosen = selection.get();
      const id = chosen.length === 1 ? (chosen[0].labelTarget ?? chosen[0]).id : canvas.getRootElement().id;
      if (id === shown) return;
      if (!(await applied())) {
        const before = registry.get(shown);
        if (before) selection.select(before);
        return;
      }
      await load(id);
    });
    return following;
  }

  function choose(id, isCentred) {
    const element = registry.get(id);
    if (!element) return;
    if (isCentred) canvas.scrollToElement(element, 80);
    if (element === canvas.getRootElement()) selection.select(null);
    else selection.select(element);
  }

  // -- acts --------------------------------------------------------------------------------

  const acts = {
    save,
    publish,
    undo: () => stack.undo(),
    redo: () => stack.redo(),
    copy() {
      modeler.get("copyPaste").copy(selection.get());
      ui.announce(text("copied"));
      setButtons();
    },
    paste() {
      if (modeler.get("clipboard").isEmpty()) {
        ui.toast(text("nothingCopied"), "info");
        return;
      }
      const { x, y, width, height } = canvas.viewbox();
      const middle = selection.get()[0] ?? { x: x + width / 2, y: y + height / 2, width: 0, height: 0 };
      const point = { x: Math.round(middle.x + middle.width / 2 + 20), y: Math.round(middle.y + middle.height / 2 + 130) };
      const pasted = modeler.get("copyPaste").paste({ element: canvas.getRootElement(), point });
      selection.select(pasted.filter((each) => each.type !== "label"));
    },
    remove: () => modeling.removeElements([...selection.get()]),
    zoomIn: () => modeler.get("zoomScroll").stepZoom(1),
    zoomOut: () => modeler.get("zoomScroll").stepZoom(-1),
    fit,
    route: () => selection.select(null),
    attach: () => selection.select(modeler.get("tools").attach(selected())),
    connect() {
      const target = registry.get(panel.querySelector("[data-designer-target]").value);
      selection.select(modeling.connect(selected(), target, { type: "bpmn:SequenceFlow" }));
    },
    lane: () => selection.select(modeler.get("tools").addLane()),
    taller: () => modeler.get("tools").heighten(selected(), LANE_STEP),
    shorter: () => modeler.get("tools").heighten(selected(), -LANE_STEP),
    async download() {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([await drawing()], { type: "application/xml" }));
      link.download = "drawing.bpmn";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    },
  };

  // The list shows the new order, with the focus where it was; a way that is first has no "earlier".
  async function reorder(way, step) {
    if (!(await applied())) return;
    modeler.get("ways").move(registry.get(way).businessObject, step);
    await load(shown);
    const buttons = [...panel.querySelectorAll(`[data-designer-way='${CSS.escape(way)}']`)];
    (buttons.find((each) => Number(each.dataset.designerMove) === step && !each.disabled) ?? buttons.find((each) => !each.disabled))?.focus();
    ui.announce(text("ordered"));
  }

  async function append(type) {
    const source = selected();
    if (!source || !(await applied())) return;
    const tools = modeler.get("tools");
    const added = source.waypoints ? tools.insert(source, type) : tools.append(source, type);
    selection.select(added);
    canvas.scrollToElement(added, 80);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-designer-act], [data-designer-append], [data-designer-select], [data-designer-way]");
    if (!button) return;
    const { designerAct, designerAppend, designerSelect, designerWay, designerMove } = button.dataset;
    if (designerAct) acts[designerAct]();
    else if (designerAppend) append(designerAppend);
    else if (designerWay) reorder(designerWay, Number(designerMove));
    else choose(designerSelect, true);
  });

  function setButtons() {
    const can = { undo: stack.canUndo(), redo: stack.canRedo(), copy: selection.get().length > 0, remove: selection.get().length > 0, paste: !modeler.get("clipboard").isEmpty() };
    for (const [act, isOn] of Object.entries(can)) root.querySelector(`[data-designer-act='${act}']`).disabled = !isOn;
  }

  const MARGIN = 40;
  // The palette stands over the left edge of the drawing; a phone has none.
  const palette = () => MARGIN / 2 + (root.querySelector(".djs-palette")?.offsetWidth ?? 0);

  function fit() {
    const { inner } = canvas.viewbox();
    const size = canvas.getSize();
    const scale = Math.min(1, (size.width - palette() - MARGIN) / inner.width, (size.height - 2 * MARGIN) / inner.height);
    show(inner, size, scale);
  }

  // Readable first: of a long route the beginning, not all of it in tiny letters.
  function open() {
    fit();
    const { inner, scale } = canvas.viewbox();
    if (scale < 0.75) show(inner, canvas.getSize(), 0.75);
  }

  function show(inner, size, scale) {
    const [width, height] = [size.width / scale, size.height / scale];
    canvas.viewbox({ x: inner.x - palette() / scale, y: inner.y + inner.height / 2 - height / 2, width, height });
  }

  // -- the drawing -------------------------------------------------------------------------

  // Undone, redone or drawn over: what the panel shows may no longer be what the element is.
  function refresh() {
    if (!isTyped) setTimeout(() => { if (registry.get(shown)) load(shown); });
  }

  modeler.on("commandStack.changed", ({ trigger }) => {
    setButtons();
    if (["undo", "redo"].includes(trigger)) refresh();
    if (!isDrawn) return;
    changes += 1;
    setUnsaved(true);
    marks.draw();
    clearTimeout(waiting);
    waiting = setTimeout(check, QUIET);
  });
  modeler.on("selection.changed", () => {
    setButtons();
    if (isDrawn) follow();
  });
  // A double click selects and deselects again; what is renamed on the drawing stays chosen.
  modeler.on("element.dblclick", 1500, ({ element }) => selection.select(element));
  modeler.on("commandStack.element.updateLabel.postExecuted", ({ context }) => {
    const { id, businessObject } = context.element.labelTarget ?? context.element;
    if (isTaking || id !== shown) return;
    const field = panel.querySelector(`[name='${"lc:nameZh" in businessObject.$attrs ? "node-name_en" : "node-name"}']`);
    if (isTyped && field) field.value = context.newLabel ?? "";
    else setTimeout(() => load(id));
  });
  modeler.on("commandStack.shape.replace.postExecuted", refresh);

  window.addEventListener("beforeunload", (event) => {
    if (isUnsaved || isTyped) event.preventDefault();
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id === "publish-form") isUnsaved = isTyped = false;
  });

  async function begin() {
    try {
      const draft = await send("GET", "");
      revision = draft.revision;
      await modeler.importXML(designer.readable(draft.bpmn));
      open();
      isDrawn = true;
      shown = canvas.getRootElement().id;
      setUnsaved(false);
      setButtons();
      marks.show(draft);
      root.dataset.drawn = "yes";
    } catch (problem) {
      root.dataset.drawn = "no";
      refuse(problem.detail ? problem : { detail: text("failed") });
    }
  }

  begin();
})();
