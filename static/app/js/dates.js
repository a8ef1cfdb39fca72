// A browser writes a date in its own language, 01/12/2027 beside the page's 2027-01-12. While a
// date field is not edited it shows the page's way; the field itself and its picker stay native.
(() => {
  "use strict";

  const format = document.getElementById("script-texts").dataset.date;

  function show(field) {
    field.dataset.shown = field.value || format;
    field.toggleAttribute("data-empty", !field.value);
  }

  function prepare(scope) {
    for (const field of scope.querySelectorAll("input[type=date]")) show(field);
  }

  for (const name of ["input", "change", "focusout"]) {
    document.addEventListener(name, (event) => {
      if (event.target.matches?.("input[type=date]")) show(event.target);
    });
  }
  document.addEventListener("reset", (event) => setTimeout(() => prepare(event.target)));
  document.addEventListener("htmx:afterSettle", (event) => prepare(event.detail.elt.parentElement ?? document));
  document.addEventListener("formset:changed", (event) => prepare(event.target));
  prepare(document);
})();
