// Rows of a Django formset: add, remove, keep the management form right.
(() => {
  "use strict";

  document.addEventListener("click", (event) => {
    const set = event.target.closest("[data-formset]");
    if (!set) return;
    if (event.target.closest("[data-formset-add]")) add(set);
    const remover = event.target.closest("[data-formset-remove]");
    if (remover) remove(set, remover.closest("[data-formset-row]"));
  });

  const total = (set) => set.querySelector(`[name="${set.dataset.formset}-TOTAL_FORMS"]`);
  const rows = (set) => [...set.querySelectorAll("[data-formset-rows] > [data-formset-row]")];

  // Restoring a draft adds rows quietly; the reader's focus and ears stay where they are.
  function add(set, { isQuiet = false } = {}) {
    const shown = rows(set).filter((row) => !row.hidden).length;
    if (shown >= Number(set.dataset.max)) {
      window.ui.toast(window.ui.text("rowsLimit"), "warning");
      return null;
    }
    const index = Number(total(set).value);
    const row = set.querySelector("[data-formset-template]").content.firstElementChild.cloneNode(true);
    renumber(row, "__prefix__", index);
    set.querySelector("[data-formset-rows]").append(row);
    total(set).value = String(index + 1);
    window.ui.prepare(set);
    changed(set);
    if (isQuiet) return row;
    row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
    window.ui.announce(window.ui.text("rowAdded"));
    return row;
  }

  function remove(set, row) {
    const box = row.querySelector("input[name$='-DELETE']");
    const neighbour = row.nextElementSibling ?? row.previousElementSibling;
    if (box) {
      box.checked = true;
      row.hidden = true;
    } else {
      row.remove();
      rows(set).forEach((left, index) => renumber(left, "\\d+", index));
      total(set).value = String(rows(set).length);
    }
    const next = neighbour?.querySelector("[data-formset-remove]");
    (next && !neighbour.hidden ? next : set.querySelector("[data-formset-add]")).focus();
    window.ui.announce(window.ui.text("rowRemoved"));
    changed(set);
  }

  function renumber(row, mark, index) {
    const pattern = new RegExp(`-${mark}-`);
    for (const element of row.querySelectorAll("*")) {
      for (const name of ["name", "id", "for", "aria-describedby"]) {
        const value = element.getAttribute(name);
        if (value) element.setAttribute(name, value.replace(pattern, `-${index}-`));
      }
    }
  }

  function changed(set) {
    set.dispatchEvent(new CustomEvent("formset:changed", { bubbles: true }));
    set.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // A row that was removed before the server sent the form back stays removed.
  function hideRemoved(scope) {
    for (const box of scope.querySelectorAll("[data-formset-row] input[name$='-DELETE']")) {
      box.closest("[data-formset-row]").hidden = box.checked;
    }
  }

  window.ui.addRow = add;
  window.ui.hideRemovedRows = hideRemoved;
  hideRemoved(document);
  document.addEventListener("htmx:afterSettle", () => hideRemoved(document));
})();
