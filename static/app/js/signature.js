// A signature drawn on a canvas: by dragging, or from point to point by clicks alone.
(() => {
  "use strict";

  const form = document.querySelector("[data-signature]");
  if (!form) return;
  const pad = form.querySelector("canvas");
  const ink = pad.getContext("2d");
  let last = null; // where the line stands
  let isDragging = false;
  let hasMoved = false;
  let isDrawn = false;

  ink.lineWidth = 5;
  ink.lineCap = ink.lineJoin = "round";
  ink.strokeStyle = "#10204a";

  function at(event) {
    const box = pad.getBoundingClientRect();
    return { x: ((event.clientX - box.left) * pad.width) / box.width, y: ((event.clientY - box.top) * pad.height) / box.height };
  }

  function line(from, to) {
    ink.beginPath();
    ink.moveTo(from.x, from.y);
    ink.lineTo(to.x, to.y);
    ink.stroke();
    isDrawn = true;
  }

  pad.addEventListener("pointerdown", (event) => {
    pad.setPointerCapture(event.pointerId);
    const point = at(event);
    // A click after a click goes on from there; a drag begins a line of its own.
    if (last) line(last, point);
    else line(point, point);
    last = point;
    isDragging = true;
    hasMoved = false;
    event.preventDefault();
  });
  pad.addEventListener("pointermove", (event) => {
    if (!isDragging) return;
    const point = at(event);
    if (Math.hypot(point.x - last.x, point.y - last.y) < 2) return;
    line(last, point);
    last = point;
    hasMoved = true;
  });
  pad.addEventListener("pointerup", () => {
    isDragging = false;
    if (hasMoved) last = null;
  });
  pad.addEventListener("dblclick", () => {
    last = null;
  });
  form.querySelector("[data-signature-clear]").addEventListener("click", () => {
    ink.clearRect(0, 0, pad.width, pad.height);
    last = null;
    isDrawn = false;
  });
  form.addEventListener("submit", () => {
    form.elements.drawn.value = isDrawn ? pad.toDataURL("image/png") : "";
  });
})();
