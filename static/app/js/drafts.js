// Nothing typed is lost: a warning before leaving, and a copy in this tab that survives an expired session.
// Only fields that were changed are kept, never passwords, files or hidden fields; signing out removes all.
(() => {
  "use strict";
  const PREFIX = "draft:";
  const SKIPPED = ["hidden", "password", "file", "submit", "button", "reset", "search"];
  const owner = document.body.dataset.user ?? "";
  const isFramed = document.body.hasAttribute("data-framed");
  const start = new WeakMap();
  let isLeaving = false;

  const guarded = (scope) => [...scope.querySelectorAll("form[method=post]:not([data-no-guard])")];
  const fieldsOf = (form) => [...form.elements].filter(
    (element) => element.name && !SKIPPED.includes(element.type) && !element.closest("[data-no-draft]"));

  function keyOf(form) {
    // Attributes, not properties: a field named "id" or "action" would hide those.
    const name = form.getAttribute("id") || form.getAttribute("action") || "";
    return `${PREFIX}${owner}:${location.pathname}:${name}`;
  }

  function valuesOf(form) {
    const values = {};
    for (const element of fieldsOf(form)) {
      const list = (values[element.name] ??= []);
      if (element.type === "checkbox" || element.type === "radio") {
        if (element.checked) list.push(element.value);
      } else if (element.type === "select-multiple") {
        list.push(...[...element.selectedOptions].map((option) => option.value));
      } else list.push(element.value);
    }
    return values;
  }

  function changesOf(form) {
    const before = start.get(form) ?? {};
    return Object.fromEntries(Object.entries(valuesOf(form)).filter(
      ([name, list]) => JSON.stringify(list) !== JSON.stringify(before[name] ?? [])));
  }

  const isDirty = (form) => start.has(form) && Object.keys(changesOf(form)).length > 0;

  function save(form, isSent = false) {
    const changes = changesOf(form);
    try {
      if (Object.keys(changes).length === 0) sessionStorage.removeItem(keyOf(form));
      else sessionStorage.setItem(keyOf(form), JSON.stringify({ changes, isSent }));
    } catch {
      // The storage is full or forbidden; the warning before leaving still holds.
    }
  }

  function write(form, changes) {
    for (const set of form.querySelectorAll("[data-formset]")) {
      const pattern = new RegExp(`^${set.dataset.formset}-(\\d+)-`);
      const highest = Math.max(-1, ...Object.keys(changes).map((name) => Number(pattern.exec(name)?.[1] ?? -1)));
      for (let count = set.querySelectorAll("[data-formset-row]").length; count <= highest; count += 1) {
        if (!window.ui.addRow(set, { isQuiet: true })) break;
      }
    }
    for (const element of fieldsOf(form)) {
      const list = changes[element.name];
      if (!list) continue;
      if (element.type === "checkbox" || element.type === "radio") element.checked = list.includes(element.value);
      else if (element.type === "select-multiple") {
        for (const option of element.options) option.selected = list.includes(option.value);
      } else if (list.length > 0) element.value = list[0];
      element.dispatchEvent(new Event("change", { bubbles: true }));
    }
    window.ui.hideRemovedRows(form);
  }

  function restore(form) {
    const key = keyOf(form);
    const stored = sessionStorage.getItem(key);
    if (!stored) return;
    const { changes, isSent } = JSON.parse(stored);
    if (isSent) { // the server took it and answered with an ordinary page
      sessionStorage.removeItem(key);
      return;
    }
    const now = valuesOf(form);
    const isNews = Object.entries(changes).some(([name, list]) => JSON.stringify(now[name]) !== JSON.stringify(list));
    if (!isNews) return;
    write(form, changes);
    form.prepend(notice(form, key));
  }

  function notice(form, key) {
    const note = document.createElement("div");
    note.className = "ui-alert ui-tone-amber";
    note.setAttribute("role", "status");
    const words = document.createElement("div");
    words.className = "ui-alert-body";
    words.textContent = window.ui.text("restored");
    const discard = document.createElement("button");
    discard.type = "button";
    discard.className = "btn btn-sm";
    discard.textContent = window.ui.text("discard");
    discard.addEventListener("click", () => {
      sessionStorage.removeItem(key);
      isLeaving = true;
      location.reload();
    });
    note.append(window.ui.icon("history"), words, discard);
    return note;
  }

  function watch(scope) {
    for (const form of guarded(scope)) {
      if (start.has(form)) continue;
      start.set(form, valuesOf(form));
      restore(form);
    }
  }

  const timers = new WeakMap();
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form");
    if (!form || !start.has(form)) return;
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => save(form), 250));
  });

  window.addEventListener("pagehide", () => {
    if (!isLeaving) guarded(document).filter(isDirty).forEach((form) => save(form));
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !start.has(form)) return;
    save(form, true);
    isLeaving = true;
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.requestConfig?.elt; // not detail.elt: the answer may have replaced the form
    if (!form?.matches("form")) return; // a preview beside the form has not saved it
    isLeaving = false;
    if (event.detail.successful && event.detail.requestConfig.verb !== "get") {
      sessionStorage.removeItem(keyOf(form));
      start.set(form, valuesOf(form));
    }
  });

  window.addEventListener("beforeunload", (event) => {
    if (isLeaving) return;
    if (guarded(document).some(isDirty)) event.preventDefault();
  });

  // On a page that says no, and on the login page, what was sent has not arrived: keep it for the way back.
  function holdSent() {
    for (const key of Object.keys(sessionStorage).filter((name) => name.startsWith(PREFIX))) {
      const stored = JSON.parse(sessionStorage.getItem(key));
      sessionStorage.setItem(key, JSON.stringify({ ...stored, isSent: false }));
    }
  }

  function dropSent() {
    for (const key of Object.keys(sessionStorage).filter((name) => name.startsWith(PREFIX))) {
      if (JSON.parse(sessionStorage.getItem(key)).isSent) sessionStorage.removeItem(key);
    }
  }

  const isRefused = !isFramed || document.querySelector("main [data-refused-page]") !== null;
  if (isRefused) holdSent();
  else {
    dropSent();
    watch(document);
    document.addEventListener("htmx:afterSettle", () => watch(document));
  }
})();
