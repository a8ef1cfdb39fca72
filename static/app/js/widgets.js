// Dialogs, tab panels and tables: plain HTML that these few lines make work.
(() => {
  "use strict";

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog-open]");
    if (opener && opener.getAttribute("aria-disabled") !== "true") {
      open(document.getElementById(opener.dataset.dialogOpen));
    }
    const closer = event.target.closest("[data-dialog-close]");
    if (closer) closer.closest("dialog")?.close();
    const tab = event.target.closest("[role='tab']");
    if (tab) select(tab);
  });

  // The field that is written takes the focus, or the button that confirms, not the one that closes; a text that
  // stands there is continued.
  function open(dialog) {
    dialog.showModal();
    const field = dialog.querySelector("[data-focus]")
      ?? dialog.querySelector(":is(input:not([type=hidden]), select, textarea)")
      ?? dialog.querySelector(".ui-dialog-foot .btn:last-child");
    field?.focus();
    if (field?.matches("textarea")) field.setSelectionRange(field.value.length, field.value.length);
  }

  // The server closes a dialog with the header HX-Trigger: dialog-close.
  document.addEventListener("dialog-close", () => {
    for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  });

  function select(tab) {
    const list = tab.closest("[role='tablist']");
    for (const other of list.querySelectorAll("[role='tab']")) {
      const isChosen = other === tab;
      other.setAttribute("aria-selected", String(isChosen));
      other.tabIndex = isChosen ? 0 : -1;
      const panel = document.getElementById(other.getAttribute("aria-controls"));
      if (panel) panel.hidden = !isChosen;
    }
    // Whoever draws into a panel (a diagram) must wait until it has a size.
    document.getElementById(tab.getAttribute("aria-controls"))
      ?.dispatchEvent(new CustomEvent("panel-shown", { bubbles: true }));
  }

  document.addEventListener("keydown", (event) => {
    const tab = event.target.closest?.("[role='tab']");
    if (!tab) return;
    const tabs = [...tab.closest("[role='tablist']").querySelectorAll("[role='tab']")];
    const last = tabs.length - 1;
    const at = tabs.indexOf(tab);
    const to = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    tabs[to].focus();
    select(tabs[to]);
  });

  // On a phone a table becomes cards: each cell carries its heading, and stays a cell for screen readers.
  function prepareTable(table) {
    const heads = [...table.querySelectorAll("thead th")];
    const roles = { table: "table", thead: "rowgroup", tbody: "rowgroup", tfoot: "rowgroup", tr: "row", td: "cell" };
    for (const part of [table, ...table.querySelectorAll("thead, tbody, tfoot, tr, td, th")]) {
      const name = part.localName;
      const role = name === "th" ? (part.closest("thead") ? "columnheader" : "rowheader") : roles[name];
      if (!part.hasAttribute("role")) part.setAttribute("role", role);
    }
    for (const row of table.querySelectorAll("tbody tr, tfoot tr")) {
      let column = 0;
      for (const cell of row.cells) {
        const head = heads[column];
        const label = head?.querySelector(".visually-hidden") ? "" : head?.textContent.trim();
        if (label && !cell.hasAttribute("data-label")) cell.dataset.label = label;
        column += cell.colSpan;
      }
    }
  }

  document.addEventListener("scroll", (event) => {
    const wrap = event.target;
    if (wrap.matches?.(".ui-table-wrap")) wrap.classList.toggle("is-scrolled", wrap.scrollLeft > 0);
  }, true);

  function prepare(scope) {
    for (const table of scope.querySelectorAll(".ui-table.is-cards")) prepareTable(table);
    for (const dialog of scope.querySelectorAll("dialog[data-dialog-auto]")) {
      dialog.removeAttribute("data-dialog-auto");
      open(dialog);
    }
    const first = scope.querySelector("[data-focus]");
    if (first && !first.closest("dialog:not([open])")) {
      first.removeAttribute("data-focus"); // once: a later poll nearby must not steal the focus
      first.focus();
    }
  }

  window.ui.prepare = prepare;
  prepare(document);
  document.addEventListener("htmx:afterSettle", (event) => prepare(event.detail.elt.parentElement ?? document));
})();
