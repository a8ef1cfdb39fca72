// Sending: once per click, asked first where that is wanted, and an answer for every failure.
(() => {
  "use strict";
  const STUCK_AFTER = 10000; // a form that answers with a download never leaves the page
  const busy = new WeakSet();

  const isPost = (form) => form.getAttribute("method")?.toLowerCase() === "post";
  const buttonsOf = (form) => [...form.elements].filter((element) => element.type === "submit");

  function setBusy(form, submitter) {
    busy.add(form);
    form.setAttribute("aria-busy", "true");
    (submitter ?? buttonsOf(form)[0])?.setAttribute("aria-busy", "true");
  }

  function setFree(form) {
    busy.delete(form);
    form.removeAttribute("aria-busy");
    for (const button of buttonsOf(form)) button.removeAttribute("aria-busy");
  }

  // Capture: this must come before htmx looks at the event.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const submitter = event.submitter;
    const question = submitter?.dataset.confirm ?? form.dataset.confirm;
    if (submitter?.getAttribute("aria-disabled") === "true" || busy.has(form)) {
      stop(event);
    } else if (question && form.dataset.confirmed !== "yes") {
      stop(event);
      window.ui.ask(question).then((isSure) => {
        if (!isSure) return;
        form.dataset.confirmed = "yes";
        form.requestSubmit(submitter);
        delete form.dataset.confirmed;
      });
    } else if (isPost(form) && !isHtmx(form, submitter)) {
      setBusy(form, submitter);
      setTimeout(() => setFree(form), STUCK_AFTER);
    }
  }, true);

  function stop(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  function isHtmx(form, submitter) {
    const selector = "[hx-post], [hx-get], [hx-put], [hx-patch], [hx-delete]";
    return form.matches(selector) || Boolean(submitter?.matches(selector));
  }

  // Whoever comes back by the browser's Back finds working buttons.
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) setFree(form);
  });

  document.addEventListener("click", (event) => {
    // htmx would queue the second click and act twice.
    const acting = event.target.closest("[hx-post], [hx-put], [hx-patch], [hx-delete]");
    if (acting?.matches(".htmx-request:not(form)")) stop(event);
    const button = event.target.closest("[aria-disabled='true']");
    if (!button) return;
    stop(event);
    const reason = button.getAttribute("title");
    if (reason) window.ui.toast(reason, "info");
  }, true);

  document.addEventListener("htmx:confirm", (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    window.ui.ask(event.detail.question).then((isSure) => {
      if (isSure) event.detail.issueRequest(true);
    });
  });

  // A request that sends the form, not one that merely stands in it (a preview, a live search).
  const formSentBy = (element) => (element.matches("form") ? element : element.type === "submit" ? element.form : null);

  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = formSentBy(event.detail.elt);
    if (!form || event.detail.requestConfig.verb === "get") return;
    if (busy.has(form)) event.preventDefault();
    else setBusy(form, event.detail.requestConfig.triggeringEvent?.submitter);
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const form = formSentBy(event.detail.elt);
    if (form) setFree(form);
  });

  // An error answer replaces nothing that was typed, unless the server sends the form back itself.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, elt, requestConfig } = event.detail;
    if (xhr.status < 400) return;
    const refusal = refusalIn(xhr.responseText);
    if (xhr.getResponseHeader("HX-Retarget") || (xhr.status === 422 && !refusal)) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
      return;
    }
    event.detail.shouldSwap = false;
    window.ui.refuse(placeOf(requestConfig?.elt ?? elt), refusal ?? window.ui.alertNode(window.ui.text("failure")));
  });

  document.addEventListener("htmx:sendError", (event) => tell(event, "network"));
  document.addEventListener("htmx:timeout", (event) => tell(event, "timeout"));

  function tell(event, key) {
    const { elt, requestConfig } = event.detail;
    if (requestConfig?.verb === "get" && !elt.closest("form")) return; // polling comes again
    window.ui.refuse(placeOf(elt), window.ui.alertNode(window.ui.text(key)));
  }

  function placeOf(element) {
    return element.closest("form") ?? element.closest("dialog")?.querySelector(".ui-dialog-body") ?? null;
  }

  function refusalIn(html) {
    if (!html.includes("data-refusal")) return null;
    return new DOMParser().parseFromString(html, "text/html").querySelector("[data-refusal]");
  }
})();
