// A menu button. Its items come into being when it opens, as in most component libraries.
// Keyboard: https://www.w3.org/WAI/ARIA/apg/patterns/menu-button/

import { element, icon } from "./dom.js";

const CHECK = "m5 10.5 3.5 3.5L15 6.5";

/**
 * @param button opens and closes it
 * @param itemsOf () → groups of {id, label, role, checked, choose}: asked for at each opening
 * @returns what has to stand beside the button: the place of the menu
 */
export function menuOf(button, itemsOf) {
  const place = element("div", { class: "menu-place" });
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");

  const isOpen = () => place.hasChildNodes();
  const items = () => [...place.querySelectorAll("[role^=menuitem]")];

  function close({ focus = false } = {}) {
    place.replaceChildren();
    button.setAttribute("aria-expanded", "false");
    document.removeEventListener("click", closeFromOutside);
    if (focus) button.focus();
  }

  function closeFromOutside(event) {
    const path = event.composedPath();
    if (!path.includes(place) && !path.includes(button)) close();
  }

  function open(focusIndex) {
    const groups = itemsOf().map((group) => element("div", { role: "group", class: "menu-group" }, ...group.map(itemOf)));
    place.replaceChildren(
      element("div", { class: "menu card", role: "menu", "aria-label": button.getAttribute("aria-label"), onkeydown: onKey }, ...groups),
    );
    button.setAttribute("aria-expanded", "true");
    document.addEventListener("click", closeFromOutside);
    items().at(focusIndex).focus({ preventScroll: true });
  }

  function itemOf({ id = null, label, role, checked, choose }) {
    const attributes = { type: "button", class: "menu-item", id, role, "aria-checked": String(checked), tabindex: "-1" };
    const chosen = () => {
      close({ focus: true });
      choose();
    };
    return element("button", { ...attributes, onclick: chosen }, element("span", {}, label), checked ? icon(CHECK) : null);
  }

  function onKey(event) {
    const all = items();
    const at = all.indexOf(document.activeElement);
    const to = { ArrowDown: (at + 1) % all.length, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) {
      all.at(to).focus();
      event.preventDefault();
    } else if (event.key === "Escape") {
      close({ focus: true });
      event.stopPropagation();
    } else if (event.key === "Tab") {
      close({ focus: true });
    }
  }

  button.addEventListener("click", () => (isOpen() ? close() : open(0)));
  button.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    open(event.key === "ArrowDown" ? 0 : -1);
  });
  return place;
}
