// The application form: parts that belong to a choice, 月利率 beside 年利率, amounts typed in 万.
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

  const round = (number) => String(Math.round(number * 1e4) / 1e4);

  function otherRate(field) {
    const row = field.closest("[data-formset-row]");
    const isAnnual = field.dataset.rate === "annual";
    const other = row?.querySelector(`[data-rate=${isAnnual ? "monthly" : "annual"}]`);
    if (!other) return;
    const text = field.value.normalize("NFKC").replace(/[%\s]/g, "");
    if (text === "") other.value = "";
    else if (Number.isFinite(Number(text))) other.value = round(isAnnual ? Number(text) / 12 : Number(text) * 12);
  }

  function spellOut(field) {
    const match = /^([\d.,]+)\s*([万亿])元?$/.exec(field.value.normalize("NFKC").trim());
    if (!match) return;
    const amount = Number(match[1].replaceAll(",", "")) * SCALES[match[2]];
    if (!Number.isFinite(amount) || amount >= 1e15) return; // beyond what a number holds to the fen
    field.value = amount.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  }

  document.addEventListener("input", (event) => {
    if (event.isTrusted && event.target.dataset?.rate) otherRate(event.target);
  });

  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("form");
    if (!form) return;
    if (event.isTrusted && /-(amount|assessed_value)$/.test(event.target.name ?? "")) spellOut(event.target);
    show(form);
  });

  document.addEventListener("formset:changed", (event) => show(event.target));
  show(document);
})();
