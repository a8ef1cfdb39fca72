// The forms of documents: parts that belong to a choice, amounts typed in 万.
(() => {
  "use strict";
  const SCALES = { 万: 1e4, 亿: 1e8 };

  // data-when names a field of the same row (or of the form), data-when-values what shows the part.
  function chosen(scope, name) {
    const fields = [...scope.querySelectorAll("input, select")].filter(
      (field) => field.name === name || field.name.endsWith(`-${name}`));
    return fields
      .filter((field) => !["checkbox", "radio"].includes(field.type) || field.checked)
      .map((field) => field.value);
  }

  function show(root) {
    for (const part of root.querySelectorAll("[data-when]")) {
      const scope = part.closest("[data-formset-row]") ?? part.closest("form");
      if (!scope) continue;
      const wanted = part.dataset.whenValues.split(",");
      // Rows that were typed stay in sight, so that no refusal of theirs is ever hidden.
      const isUsed = part.querySelector("[data-formset-row]:not([hidden])") !== null;
      part.hidden = !isUsed && !chosen(scope, part.dataset.when).some((value) => wanted.includes(value));
    }
  }

  function spellOut(field) {
    const match = /^([\d.,]+)\s*([万亿])元?$/.exec(field.value.normalize("NFKC").trim());
    if (!match) return;
    const amount = Number(match[1].replaceAll(",", "")) * SCALES[match[2]];
    if (!Number.isFinite(amount) || amount >= 1e15) return; // beyond what a number holds to the fen
    field.value = amount.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  }

  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("form");
    if (!form) return;
    if (event.isTrusted && event.target.dataset?.amount !== undefined) spellOut(event.target);
    show(form);
  });

  document.addEventListener("formset:changed", (event) => show(event.target));
  show(document);
})();
