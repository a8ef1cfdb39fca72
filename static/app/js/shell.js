// The frame: folding menu, drawer on the phone, small menus, theme.
(() => {
  "use strict";
  const root = document.documentElement;
  const YEAR = 31536000;
  const isNarrow = () => matchMedia("(max-width: 767.98px)").matches;
  const isFolded = () => root.dataset.sidebar === "collapsed" && !isNarrow();

  function remember(name, value) {
    const secure = location.protocol === "https:" ? "; secure" : "";
    const age = value ? YEAR : 0;
    document.cookie = `${name}=${value}; path=/; max-age=${age}; samesite=lax${secure}`;
  }

  function setDrawer(isOpen) {
    root.dataset.drawer = isOpen ? "open" : "closed";
    const opener = document.querySelector("[data-drawer-open]");
    opener?.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) document.querySelector("#sidebar a, #sidebar button")?.focus();
    else if (document.activeElement?.closest("#sidebar")) opener?.focus();
  }

  function foldMenu() {
    const isOpen = root.dataset.sidebar === "collapsed";
    root.dataset.sidebar = isOpen ? "open" : "collapsed";
    remember("sidebar", isOpen ? "" : "collapsed");
    document.querySelector("[data-sidebar-toggle]").setAttribute("aria-expanded", String(isOpen));
    restoreGroups();
  }

  function setTheme(theme) {
    remember("theme", theme);
    if (theme) root.dataset.bsTheme = theme;
    else window.uiFollowDevice();
    for (const choice of document.querySelectorAll("[data-theme-choice]")) {
      choice.setAttribute("aria-pressed", String(choice.dataset.themeChoice === theme));
    }
  }

  // Which groups of the menu stand open is remembered in this browser; the current one always does.
  const GROUPS = "menu-groups";
  const openGroups = () => new Set(JSON.parse(localStorage.getItem(GROUPS) ?? "[]"));

  function restoreGroups() {
    const open = openGroups();
    for (const group of document.querySelectorAll("[data-menu-group]")) {
      const isCurrent = group.querySelector("[aria-current]") !== null;
      group.open = !isFolded() && (isCurrent || open.has(group.dataset.menuGroup));
    }
  }

  document.addEventListener("click", (event) => {
    const target = event.target;
    if (target.closest("[data-drawer-open]")) setDrawer(true);
    else if (target.closest("[data-drawer-close]")) setDrawer(false);
    else if (target.closest("[data-sidebar-toggle]")) foldMenu();
    const choice = target.closest("[data-theme-choice]");
    if (choice) setTheme(choice.dataset.themeChoice);
    const summary = target.closest("[data-menu-group] > summary");
    if (summary) onGroup(summary);
    closeMenus(target);
  });

  function onGroup(summary) {
    const group = summary.parentElement;
    if (isFolded()) {
      const list = group.querySelector("ul");
      const room = window.innerHeight - 40 * (list.children.length + 1);
      list.style.top = `${Math.max(8, Math.min(summary.getBoundingClientRect().top, room))}px`;
      return;
    }
    const open = openGroups();
    if (group.open) open.delete(group.dataset.menuGroup); // the click is about to close it
    else open.add(group.dataset.menuGroup);
    localStorage.setItem(GROUPS, JSON.stringify([...open]));
  }

  function closeMenus(except) {
    const selector = isFolded() ? "[data-menu][open], [data-menu-group][open]" : "[data-menu][open]";
    for (const menu of document.querySelectorAll(selector)) {
      const panel = menu.querySelector(".ui-menu-panel");
      const isChosen = panel?.contains(except) && except.closest("button, a");
      if (!except || !menu.contains(except) || isChosen) menu.open = false;
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = event.target.closest?.("[data-menu][open], [data-menu-group][open]");
    closeMenus(null);
    open?.querySelector("summary")?.focus();
    if (root.dataset.drawer === "open") setDrawer(false);
  });

  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-sign-out]")) sessionStorage.clear();
  });

  if (document.getElementById("sidebar")) restoreGroups();
})();
