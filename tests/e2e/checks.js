// What a test asks about the page it looks at: window.pageChecks.accessibility(), .overflow() …
(() => {
  "use strict";
  const isShown = (element) => element.checkVisibility({ visibilityProperty: true });
  const nameOf = (element) => {
    const id = element.id ? `#${element.id}` : "";
    const name = element.getAttribute("name") ? `[name=${element.getAttribute("name")}]` : "";
    return `${element.localName}${id}${name} ${element.className.baseVal ?? element.className ?? ""}`.trim();
  };

  function hasLabel(control) {
    if (control.getAttribute("aria-label")?.trim()) return true;
    const by = control.getAttribute("aria-labelledby");
    if (by && by.split(" ").some((id) => document.getElementById(id)?.textContent.trim())) return true;
    return [...(control.labels ?? [])].some((label) => label.textContent.trim());
  }

  function accessibility() {
    const found = [];
    const headings = [...document.querySelectorAll("h1")].filter(isShown);
    if (headings.length !== 1) found.push(`${headings.length} h1`);
    if (!document.documentElement.lang) found.push("no lang");
    if (!document.title.trim()) found.push("no title");
    for (const control of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
      if (!control.closest("span[hidden]") && !hasLabel(control)) found.push(`no label: ${nameOf(control)}`);
    }
    for (const element of document.querySelectorAll("a[href], button, summary")) {
      const words = element.textContent.trim() || element.getAttribute("aria-label")?.trim()
        || element.querySelector("img[alt]")?.alt.trim()
        || element.querySelector("svg[aria-label]")?.getAttribute("aria-label").trim()
        || element.getAttribute("title")?.trim();
      if (!words) found.push(`no name: ${nameOf(element)}`);
    }
    for (const image of document.querySelectorAll("img:not([alt])")) found.push(`no alt: ${nameOf(image)}`);
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    for (const id of new Set(ids.filter((each, index) => ids.indexOf(each) !== index))) found.push(`id twice: ${id}`);
    for (const use of document.querySelectorAll("svg use")) {
      if (isShown(use.closest("svg")) && !use.getBBox().width) found.push(`empty icon: ${use.getAttribute("href")}`);
    }
    return found;
  }

  // Whatever has the focus shows it by an outline, a shadow or a border of its own.
  function focusIsVisible() {
    const element = document.activeElement;
    if (!element || element === document.body) return "nothing is focused";
    const looks = (style) => [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow, style.borderColor].join();
    const focused = looks(getComputedStyle(element));
    element.blur();
    const plain = looks(getComputedStyle(element));
    element.focus({ focusVisible: true });
    return focused === plain ? `no focus ring: ${nameOf(element)}` : "";
  }

  function overflow() {
    const width = document.documentElement.clientWidth;
    const wide = document.documentElement.scrollWidth;
    if (wide <= width) return "";
    const guilty = [...document.body.querySelectorAll("*")]
      .filter((element) => isShown(element) && element.getBoundingClientRect().right > width + 1)
      .slice(0, 3).map(nameOf);
    return `${wide} wide on ${width}: ${guilty.join("; ")}`;
  }

  // Not the ends of file names, login names with a number, or addresses.
  const WORDS = /(?<![\w.@-])[A-Za-z][a-z]{2,}(?![\w@.])(?: [A-Za-z]+)*/g;

  // Latin words on a Chinese page: sentences that nobody translated.
  function latinWords() {
    const found = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const parent = walker.currentNode.parentElement;
      if (!parent || !isShown(parent) || parent.closest("script, style, code, kbd, svg, [lang=en], [data-untranslated]")) continue;
      for (const word of walker.currentNode.textContent.match(WORDS) ?? []) found.add(word);
    }
    return [...found];
  }

  // Text that stands out too little from what is behind it: less than 4.5 to 1, 3 to 1 when large.
  function contrast() {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const rgba = (colour) => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
      return [red, green, blue, alpha / 255];
    };
    const over = (above, below) => [0, 1, 2].map((at) => above[at] * above[3] + below[at] * (1 - above[3]));
    const behind = (element) => {
      const layers = [];
      for (let part = element; part; part = part.parentElement) layers.push(rgba(getComputedStyle(part).backgroundColor));
      return layers.reduceRight((below, above) => over(above, below), [255, 255, 255]);
    };
    const light = (colour) => {
      const [red, green, blue] = colour.map((part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const found = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      const words = walker.currentNode.textContent.trim();
      if (!words || !isShown(element) || element.closest("svg, script, .visually-hidden, [aria-disabled=true], :disabled")) continue;
      const style = getComputedStyle(element);
      const below = behind(element);
      const [dark, bright] = [light(over(rgba(style.color), below)), light(below)].sort((one, other) => one - other);
      const isLarge = parseFloat(style.fontSize) >= 24;
      if ((bright + 0.05) / (dark + 0.05) < (isLarge ? 3 : 4.5)) found.add(`faint: ${words.slice(0, 20)} in ${nameOf(element)}`);
    }
    return [...found];
  }

  // Panels load themselves and may hold panels that do; the page is calm when none has asked for a moment.
  async function calm() {
    const end = performance.now() + 30_000;
    for (let quiet = 0; quiet < 3;) {
      await new Promise((resolve) => setTimeout(resolve, 40));
      const busy = document.querySelector(".htmx-request, .htmx-settling, .htmx-swapping");
      if (busy && performance.now() > end) throw new Error(`never calm: ${nameOf(busy)}`);
      quiet = busy ? 0 : quiet + 1;
    }
  }

  window.pageChecks = { accessibility, calm, contrast, focusIsVisible, overflow, latinWords };
})();
