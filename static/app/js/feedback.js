// How the page speaks: toasts, the live region, questions. Other scripts use window.ui.
(() => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const TONES = {
    success: ["green", "circle-check"],
    info: ["blue", "info-circle"],
    warning: ["amber", "alert-triangle"],
    error: ["red", "alert-circle"],
  };
  const texts = () => document.getElementById("script-texts")?.dataset ?? {};
  const text = (key) => texts()[key] ?? "";

  function icon(name) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("class", "ui-icon");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS(SVG, "use");
    use.setAttribute("href", `${texts().sprite}#${name}`);
    svg.append(use);
    return svg;
  }

  function announce(message) {
    const region = document.getElementById("live");
    if (!region) return;
    region.textContent = "";
    setTimeout(() => { region.textContent = message; }, 50); // an unchanged text is not read again
  }

  function toast(message, level = "info") {
    const box = document.getElementById("toasts");
    if (!box) return;
    const [tone, name] = TONES[level] ?? TONES.info;
    const item = document.createElement("div");
    item.className = `ui-toast ui-tone-${tone}`;
    const words = document.createElement("span");
    words.textContent = message;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "ui-icon-button";
    close.setAttribute("aria-label", text("close"));
    close.append(icon("x"));
    close.addEventListener("click", () => item.remove());
    item.append(icon(name), words, close);
    box.append(item);
    announce(message);
    if (level === "success" || level === "info") setTimeout(() => item.remove(), 6000);
  }

  // Resolves to true only when the reader confirms; Esc and Cancel are no.
  function ask(question) {
    const dialog = document.getElementById("shell-confirm");
    if (!dialog) return Promise.resolve(window.confirm(question));
    dialog.querySelector("[data-confirm-text]").textContent = question;
    dialog.returnValue = "cancel";
    dialog.showModal();
    dialog.querySelector("[data-confirm-ok]").focus();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "ok"), { once: true });
    });
  }

  // A sentence at the top of the form that it concerns, where nothing typed is touched.
  function refuse(place, node) {
    const box = place?.querySelector("[data-refusals]") ?? makeBox(place);
    box.replaceChildren(node);
    node.tabIndex = -1;
    node.focus({ preventScroll: true });
    node.scrollIntoView({ block: "nearest" });
  }

  function makeBox(place) {
    const box = document.createElement("div");
    box.dataset.refusals = "";
    const host = place ?? document.getElementById("messages") ?? document.body;
    host.prepend(box);
    return box;
  }

  function alertNode(message) {
    const node = document.createElement("div");
    node.className = "ui-alert ui-tone-red";
    node.setAttribute("role", "alert");
    const words = document.createElement("div");
    words.className = "ui-alert-body";
    words.textContent = message;
    node.append(icon("alert-circle"), words);
    return node;
  }

  window.ui = { text, icon, announce, toast, ask, refuse, alertNode };

  // The server says it with the header HX-Trigger: {"toast": {"message": "…", "level": "success"}}.
  document.addEventListener("toast", (event) => {
    const detail = event.detail ?? {};
    toast(detail.message ?? detail.value ?? "", detail.level);
  });
})();
