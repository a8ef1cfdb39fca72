// 关系图: the server's drawing made movable. Places, shapes and words are the server's, so that the page,
// its print and the PDF show the same; the colours are those of the legend, in light and dark.
(() => {
  "use strict";
  const { colourOf } = window;
  const SHAPES = { MAIN: "hexagon", SHAREHOLDER: "diamond", FAMILY: "ellipse", MANAGER: "round-rectangle", COMPANY: "rectangle" };
  const STEP = 1.3;
  const MARGIN = 24;
  const drawings = new Map();

  function draw(holder) {
    if (drawings.has(holder) || !window.cytoscape) return;
    const data = JSON.parse(holder.dataset.relationGraph);
    const graph = window.cytoscape({
      container: holder,
      elements: elements(data),
      layout: { name: "preset", padding: MARGIN },
      style: styles(),
      minZoom: 0.2,
      maxZoom: 3,
      // A wheel over the drawing scrolls the page; the buttons and two fingers zoom.
      userZoomingEnabled: window.matchMedia("(pointer: coarse)").matches,
      boxSelectionEnabled: false,
      autoungrabify: true,
    });
    graph.on("tap", "node", (event) => window.location.assign(event.target.data("url")));
    graph.on("mouseover", "node", () => holder.classList.add("is-over"));
    graph.on("mouseout", "node", () => holder.classList.remove("is-over"));
    drawings.set(holder, graph);
    const panel = holder.closest(".ui-panel");
    panel.classList.add("is-drawn");
    panel.querySelector("[data-graph-tools]").hidden = false;
    // The panel has just given the drawing its place; a phone that is turned gives it another.
    new ResizeObserver(() => graph.resize().fit(undefined, MARGIN)).observe(holder);
  }

  function elements({ nodes, lines }) {
    return [
      ...nodes.map((node) => ({ data: { ...node, shape: SHAPES[node.kind] }, position: { x: node.x, y: node.y } })),
      ...lines.map((line, index) => ({ data: { id: `e${index}`, ...line, width: Math.max(1, 1.6 * line.strength) } })),
    ];
  }

  function styles() {
    const page = getComputedStyle(document.body);
    const ink = colourOf("--ui-text");
    const line = colourOf("--ui-border-strong");
    const risk = colourOf("--ui-amber");
    const ground = colourOf("--ui-surface");
    const sheet = [
      { selector: "node", style: { shape: "data(shape)", width: 40, height: 40, label: "data(label)", color: ink, "font-family": page.fontFamily, "font-size": 12, "text-valign": "bottom", "text-margin-y": 4, "text-wrap": "wrap", "text-max-width": 130, "border-width": 2, "text-background-color": ground, "text-background-opacity": 1, "text-background-padding": 1 } },
      { selector: "node[?centre]", style: { width: 48, height: 48, "font-weight": "bold", "border-width": 4 } },
      { selector: "edge", style: { width: "data(width)", label: "data(label)", color: ink, "font-family": page.fontFamily, "font-size": 11, "curve-style": "bezier", "control-point-step-size": 68, "line-color": line, "target-arrow-color": line, "target-arrow-shape": "triangle", "text-background-color": ground, "text-background-opacity": 1, "text-background-padding": 2 } },
      { selector: "edge[?dashed]", style: { "line-style": "dashed", "line-color": risk, "target-arrow-color": risk } },
      { selector: "edge[strength = 0]", style: { "target-arrow-shape": "none" } },
    ];
    for (const mark of document.querySelectorAll("[data-graph-legend] [data-graph-kind]")) {
      const { fill, stroke } = getComputedStyle(mark.querySelector(".graph-mark"));
      sheet.push({ selector: `node[kind = "${mark.dataset.graphKind}"]`, style: { "background-color": fill, "border-color": stroke } });
    }
    return sheet;
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-graph-zoom]");
    if (!button) return;
    const graph = drawings.get(button.closest(".ui-panel").querySelector("[data-relation-graph]"));
    if (button.dataset.graphZoom === "fit") {
      graph.fit(undefined, MARGIN);
      return;
    }
    const level = graph.zoom() * (button.dataset.graphZoom === "in" ? STEP : 1 / STEP);
    graph.zoom({ level, renderedPosition: { x: graph.width() / 2, y: graph.height() / 2 } });
  });

  function repaint() {
    for (const [holder, graph] of drawings) {
      if (holder.isConnected) graph.style(styles());
      else drawings.delete(holder);
    }
  }

  function drawAll() {
    for (const holder of document.querySelectorAll("[data-relation-graph]")) draw(holder);
  }

  window.onSchemeChange(repaint);
  document.addEventListener("DOMContentLoaded", drawAll);
  document.addEventListener("htmx:load", drawAll);
})();
