// The application form: 月利率 beside 年利率.
(() => {
  "use strict";
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

  document.addEventListener("input", (event) => {
    if (event.isTrusted && event.target.dataset?.rate) otherRate(event.target);
  });
})();
