// Uploads: chosen or dropped files go one after another into the form of their panel.
(() => {
  "use strict";
  const FORM = "form[data-upload]";
  const queue = [];
  let isSending = false;

  const placeOf = (element) => element.closest("[data-uploads]");
  const formIn = (id) => document.querySelector(`#${CSS.escape(id)} ${FORM}`);
  const stem = (name) => name.replace(/\.[^.]*$/, "");

  // Without script the row of fields does it all; what only a script can do appears with it.
  function prepare(scope) {
    for (const element of scope.querySelectorAll("[data-upload-to][hidden], [data-drop-hint][hidden]")) {
      element.hidden = false;
    }
  }

  function enqueue(place, category, files) {
    for (const file of files) queue.push({ place: place.id, category, file });
    sendNext();
  }

  function sendNext() {
    if (isSending || !queue.length) return;
    const { place, category, file } = queue.shift();
    const form = formIn(place);
    if (!form) return giveUp();
    const holder = new DataTransfer();
    holder.items.add(file);
    form.elements.file.files = holder.files;
    if (category) form.elements.category.value = category;
    form.elements.title.value = stem(file.name);
    isSending = true;
    form.requestSubmit();
  }

  // After a refusal the rest waits for nobody: it is named, so that it can be chosen again.
  function giveUp(form) {
    isSending = false;
    const names = queue.splice(0).map(({ file }) => file.name);
    if (form && names.length) window.ui.toast(`${form.dataset.notSent} ${names.join(", ")}`, "warning");
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const file = form.matches(FORM) ? form.elements.file.files[0] : null;
    if (!file || file.size <= Number(form.dataset.maxBytes)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    window.ui.refuse(form, window.ui.alertNode(form.dataset.tooLarge));
    giveUp(form);
  }, true);

  document.addEventListener("change", (event) => {
    const input = event.target;
    const form = input.closest?.(FORM);
    if (!form || input !== form.elements.file || !input.files.length) return;
    const title = form.elements.title;
    if (!title.value.trim() || title.value === title.dataset.proposed) {
      title.value = title.dataset.proposed = stem(input.files[0].name);
    }
    if (form.dataset.sendWhenChosen === "yes") {
      delete form.dataset.sendWhenChosen;
      form.requestSubmit();
    }
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-upload-to]");
    if (!button) return;
    const form = formIn(placeOf(button).id);
    form.elements.category.value = button.dataset.uploadTo;
    form.elements.title.value = "";
    form.dataset.sendWhenChosen = "yes";
    form.elements.file.click();
  });

  document.addEventListener("cancel", (event) => {
    const form = event.target.closest?.(FORM);
    if (form) delete form.dataset.sendWhenChosen;
  }, true);

  const targetOf = (event) => event.target.closest?.("[data-drop]");
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const unmark = () => {
    for (const element of document.querySelectorAll(".is-dragging")) element.classList.remove("is-dragging");
  };

  document.addEventListener("dragover", (event) => {
    const target = targetOf(event);
    if (!hasFiles(event) || !document.querySelector(FORM)) return;
    event.preventDefault(); // a file dropped beside the target must not replace the page
    unmark();
    target?.classList.add("is-dragging");
  });

  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) unmark();
  });

  document.addEventListener("drop", (event) => {
    const target = targetOf(event);
    if (!hasFiles(event) || !document.querySelector(FORM)) return;
    event.preventDefault();
    unmark();
    if (target) enqueue(placeOf(target), target.dataset.drop, event.dataTransfer.files);
  });

  document.addEventListener("htmx:xhr:progress", (event) => {
    const box = event.target.querySelector?.("[data-upload-progress]");
    const { lengthComputable, loaded, total } = event.detail;
    if (!box || !lengthComputable) return;
    box.hidden = false;
    box.firstElementChild.value = (loaded / total) * 100;
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    // The panel with the form may be replaced by now: ask the request, not the event's place.
    const form = event.detail.requestConfig?.elt;
    if (!form?.matches(FORM)) return;
    const box = form.querySelector("[data-upload-progress]");
    if (box) box.hidden = true;
    if (event.detail.successful) isSending = false;
    else giveUp(form);
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    prepare(document);
    if (event.target.matches?.("[data-uploads]") || event.target.querySelector?.("[data-uploads]")) sendNext();
  });

  prepare(document);
})();
