// Runs before the page is drawn: without a chosen theme it names the device's one, so that nothing flashes.
(() => {
  "use strict";
  const root = document.documentElement;
  const device = matchMedia("(prefers-color-scheme: dark)");
  const isChosen = () => /(?:^|; )theme=(?:light|dark)(?:;|$)/.test(document.cookie);
  const follow = () => {
    if (!isChosen()) root.dataset.bsTheme = device.matches ? "dark" : "light";
  };
  follow();
  device.addEventListener("change", follow);
  window.uiFollowDevice = follow;
})();
