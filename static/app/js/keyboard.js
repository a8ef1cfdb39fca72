// Keys are declared where they act: data-key="a" (or "Ctrl+Enter", "/") with data-key-label for the help.
// A list with data-rows is walked with J and K; data-rows="open" also opens the row.
(() => {
  "use strict";
  const isTyping = (element) => element.isContentEditable
    || element.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])");
  const isShown = (element) => element.checkVisibility({ visibilityProperty: true });
  const scope = () => [...document.querySelectorAll("dialog[open]")].at(-1) ?? document;

  function nameOf(event) {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    return event.ctrlKey || event.metaKey ? `Ctrl+${key}` : key;
  }

  document.addEventListener("keydown", (event) => {
    // 229 is what a key means while an input method composes; some browsers send only that.
    if (event.isComposing || event.keyCode === 229 || event.altKey || event.defaultPrevented) return;
    const name = nameOf(event);
    const target = event.target instanceof Element ? event.target : document.body;
    if (isTyping(target) && name !== "Ctrl+Enter") return;
    if (act(name, target)) event.preventDefault();
  });

  function act(name, target) {
    if (name === "Ctrl+Enter") return confirmForm(target);
    if (name === "?") return openHelp();
    if (name === "j" || name === "k") return walk(name === "j" ? 1 : -1);
    const element = [...scope().querySelectorAll("[data-key]")].find(
      (candidate) => candidate.dataset.key.toLowerCase() === name.toLowerCase() && isShown(candidate));
    if (!element) return false;
    if (isTyping(element)) {
      element.focus();
      element.select?.();
    } else element.click();
    return true;
  }

  function confirmForm(target) {
    const marked = scope().querySelector("[data-key='Ctrl+Enter']");
    const form = target.closest("form");
    if (marked && isShown(marked)) marked.click();
    else if (form?.getAttribute("method") === "post") form.requestSubmit();
    else return false;
    return true;
  }

  function walk(step) {
    const list = [...scope().querySelectorAll("[data-rows]")].find(isShown);
    if (!list) return false;
    const rows = [...list.querySelectorAll("[data-row]")].filter(isShown);
    const focused = rows.findIndex((row) => row.contains(document.activeElement));
    const at = focused >= 0 ? focused : rows.findIndex((row) => row.hasAttribute("aria-current"));
    const row = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
    if (!row) return false;
    const link = row.matches("a, button") ? row : row.querySelector("a, button") ?? row;
    link.focus();
    link.scrollIntoView({ block: "nearest" });
    if (list.dataset.rows === "open") link.click();
    return true;
  }

  function openHelp() {
    const dialog = document.getElementById("keyboard-help");
    if (!dialog || dialog.open) return false;
    fillHelp(dialog.querySelector("[data-key-list]"));
    dialog.showModal();
    return true;
  }

  function fillHelp(list) {
    const entries = new Map();
    if (document.querySelector("[data-rows]")) entries.set("J / K", list.dataset.rowsLabel);
    for (const element of document.querySelectorAll("[data-key][data-key-label]")) {
      const key = element.dataset.key;
      entries.set(key.length === 1 ? key.toUpperCase() : key, element.dataset.keyLabel);
    }
    entries.set("Ctrl+Enter", list.dataset.confirmLabel);
    entries.set("?", list.dataset.helpLabel);
    list.replaceChildren(...[...entries].flatMap(([key, label]) => {
      const term = document.createElement("dt");
      for (const part of key.split(" / ")) {
        const cap = document.createElement("kbd");
        cap.textContent = part;
        term.append(cap, " ");
      }
      const words = document.createElement("dd");
      words.textContent = label;
      return [term, words];
    }));
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-dialog-open='keyboard-help']")) {
      fillHelp(document.querySelector("#keyboard-help [data-key-list]"));
    }
  });
})();
