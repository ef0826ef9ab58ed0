// Light, dark, or as the system has it.

import { h, icon, replace } from "./dom.js";

const KEY = "autoplay-studio-theme";
const THEMES = [
  ["system", "Theme of the system", "M4 5h16v11H4zM9 20h6M12 16v4"],
  ["light", "Light theme", "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1 1M17.4 17.4l1 1M5.6 18.4l1-1M17.4 6.6l1-1"],
  ["dark", "Dark theme", "M19.5 14.5A8 8 0 1 1 9.5 4.5a6.5 6.5 0 0 0 10 10z"],
];

/** The button that switches the theme. */
export function themeSwitch() {
  const button = h("button", { type: "button", class: "icon-button", onclick: next });
  const draw = () => {
    const [, label, path] = current();
    button.title = label;
    button.setAttribute("aria-label", `${label}. Change the theme`);
    replace(button, icon(path));
  };
  function next() {
    const index = THEMES.indexOf(current());
    choose(THEMES[(index + 1) % THEMES.length][0]);
    draw();
  }
  draw();
  return button;
}

function current() {
  return THEMES.find(([name]) => name === (document.documentElement.dataset.theme ?? "system"));
}

function choose(name) {
  if (name === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // No storage: the choice lasts until the page is closed.
  }
}
