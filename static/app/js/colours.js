// The design system's colours for what is drawn on a canvas. The variables hold both schemes; only a property
// that uses one says which is in force.
window.colourOf = (name) => {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
};

// Calls back when the reader or his device changes between light and dark.
window.onSchemeChange = (repaint) => {
  new MutationObserver(repaint).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
};
