// The page around the screens: navigation, theme, command palette, sign-out.

import { h, icon, replace } from "./dom.js";
import { openPalette } from "./palette.js";
import { currentRoute, href } from "./router.js";
import { SCREENS } from "./screens.js";
import { failed } from "./states.js";
import { themeSwitch } from "./theme.js";

const SEARCH = "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.5 15.5 20 20";
const LEAVE = "M14 4h5v16h-5M4 12h10M10.5 8.5 14 12l-3.5 3.5";

/** Show the frame and the screen of the URL. Returns a function that ends both. */
export function showFrame(root, session, signOut) {
  const main = h("main", { id: "main", tabindex: "-1" });
  const links = new Map(SCREENS.map((screen) => [screen.name, navLink(screen)]));
  const shortcut = /mac/i.test(navigator.platform) ? "⌘ K" : "Ctrl K";
  replace(
    root,
    h("a", { class: "skip-link", href: "#main", onclick: (event) => skip(event, main) }, "Skip to content"),
    h(
      "div",
      { class: "frame" },
      h(
        "header",
        { class: "side" },
        h(
          "a",
          { class: "brand", href: href("now") },
          h("img", { src: new URL("icon.svg", import.meta.url).href, alt: "", width: 30, height: 30 }),
          h("span", { class: "brand-text" }, "Studio", h("span", { class: "brand-product" }, session.product_id)),
        ),
        h("nav", { class: "nav", "aria-label": "Screens" }, h("ul", null, [...links.values()].map((link) => h("li", null, link)))),
        h(
          "div",
          { class: "tools" },
          h("button", { type: "button", class: "palette-button", "aria-keyshortcuts": "Control+K Meta+K", onclick: openPalette }, icon(SEARCH), h("span", { class: "tool-text" }, "Jump to…"), h("kbd", null, shortcut)),
          themeSwitch(),
          h("button", { type: "button", class: "icon-button", title: "Sign out", "aria-label": "Sign out", onclick: signOut }, icon(LEAVE)),
        ),
      ),
      main,
    ),
  );
  let showing = new AbortController();
  const change = () => {
    if (!location.hash.startsWith("#/") && location.hash !== "") return;
    showing.abort();
    showing = new AbortController();
    showScreen(main, links, showing.signal);
  };
  const listen = (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openPalette();
    }
  };
  addEventListener("hashchange", change);
  addEventListener("keydown", listen);
  change();
  return () => {
    showing.abort();
    removeEventListener("hashchange", change);
    removeEventListener("keydown", listen);
    document.querySelector("dialog[open]")?.close();
  };
}

function navLink({ name, label, path, purpose }) {
  return h("a", { href: href(name), title: purpose }, icon(path), h("span", null, label));
}

function skip(event, main) {
  event.preventDefault();
  main.focus();
}

let shownName = "";

async function showScreen(main, links, signal) {
  const route = currentRoute();
  const screen = SCREENS.find(({ name }) => name === route.name) ?? SCREENS[0];
  for (const [name, link] of links) {
    if (name === screen.name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  // On a phone, the navigation scrolls.
  links.get(screen.name).scrollIntoView({ block: "nearest", inline: "nearest" });
  const module = await import(`./screens/${screen.name}.js`).catch((problem) => ({ problem }));
  if (signal.aborted) return;
  document.title = `${module.title ?? screen.label} · Studio`;
  const root = h("div", { class: `page page-${screen.name}` });
  replace(main, root);
  // Someone who reads with a keyboard or a screen reader is now at the top of the new screen.
  if (shownName && shownName !== screen.name) {
    main.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
  shownName = screen.name;
  if (module.problem) {
    console.warn(module.problem);
    replace(root, h("h1", null, screen.label), failed({ message: "This screen could not be loaded.", remedy: "Reload the page. If that does not help, install rasa-autoplay again." }));
    return;
  }
  try {
    await module.show(root, route, signal);
  } catch (problem) {
    if (signal.aborted || problem.name === "AbortError") return;
    if (problem.status === undefined) console.error(problem);
    replace(root, h("h1", null, screen.label), failed({ message: problem.message, remedy: problem.remedy ?? "Reload the page." }));
  }
}
