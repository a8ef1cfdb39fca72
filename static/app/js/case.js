// Inbox, case page, flow editor: phrases into opinions, ticks for bulk approval, what a rule needs.
(() => {
  "use strict";

  document.addEventListener("click", (event) => {
    const phrase = event.target.closest("[data-phrase]");
    if (phrase) insert(document.getElementById(phrase.dataset.phrase), phrase.textContent.trim());
    const keeper = event.target.closest("[data-keep-phrase]");
    if (keeper) keep(keeper);
  });

  function insert(area, text) {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.focus();
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function keep(button) {
    const area = document.getElementById(button.dataset.keepPhrase);
    if (!area.value.trim()) return area.focus();
    window.htmx.ajax("POST", button.dataset.url, { source: button.closest("form"), swap: "none", values: { act: button.dataset.act, text: area.value.trim() } });
  }

  document.addEventListener("change", (event) => {
    const rule = event.target.closest("[data-rule]");
    if (rule && event.target.name.endsWith("-kind")) rule.dataset.kind = event.target.value;
    const all = event.target.closest("[data-tick-all]");
    if (all) {
      for (const box of all.form.querySelectorAll(`[name='${all.dataset.tickAll}']`)) box.checked = all.checked;
    }
    awaitTicks();
  });

  // What acts on ticks waits for the first one; the browser may put ticks back when somebody returns.
  function awaitTicks() {
    for (const button of document.querySelectorAll("[data-ticked-only]")) {
      button.disabled = !button.form.querySelector(`[name='${button.dataset.tickedOnly}']:checked`);
    }
  }

  window.addEventListener("pageshow", awaitTicks);

  // Somebody else was faster: the fresh page opens the dialog again with all that was typed in it.
  document.addEventListener("htmx:afterSwap", () => {
    const kept = document.querySelector("[data-reopened]");
    const form = kept && document.getElementById(`form-${kept.dataset.reopened}`);
    if (!form) return;
    const fields = JSON.parse(kept.dataset.typed);
    const sent = new Set(fields.map((field) => field.name));
    for (const box of form.querySelectorAll("[type='checkbox'], [type='radio']")) box.checked = false;
    for (const name of sent) fill(form, name, fields.filter((field) => field.name === name));
    const refusal = kept.parentElement.querySelector("[data-refusal]");
    form.closest("dialog").dataset.dialogAuto = "";
    kept.remove();
    window.ui.refuse(form, refusal.cloneNode(true));
  });

  // A list of people comes anew with each search; who is chosen stays in it.
  document.addEventListener("htmx:beforeSwap", ({ detail: { target, shouldSwap } }) => {
    if (!shouldSwap || target.localName !== "select") return;
    const chosen = [...target.selectedOptions].map((option) => ({ value: option.value, label: option.label }));
    target.addEventListener("htmx:afterSwap", () => choose(target, chosen), { once: true });
  });

  function fill(form, name, typed) {
    const values = typed.map((field) => field.value);
    for (const element of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (element.type === "checkbox" || element.type === "radio") element.checked = values.includes(element.value);
      else if (element.tagName === "SELECT") choose(element, typed);
      else element.value = values[0];
    }
  }

  function choose(select, typed) {
    for (const { value, label } of typed) {
      let option = [...select.options].find((one) => one.value === value);
      if (!option && label) select.append((option = new Option(label, value)));
      if (option) option.selected = true;
    }
  }
})();
