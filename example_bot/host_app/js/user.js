// Who is signed in. Each page load begins as a fresh user, so that the story can be told again at once: who has
// said yes or no to an offer is not asked again. `?user=…` in the address stays the same user.

import { byId } from "./dom.js";

const MAX_LENGTH = 64;

/** The signed-in user of this page load. */
export function currentUser() {
  const named = new URLSearchParams(location.search).get("user")?.trim().slice(0, MAX_LENGTH);
  const id = named || `anna-berg-${freshSuffix()}`;
  return { id, name: "Anna Berg", email: "anna.berg@fernway.example", isNew: !named };
}

function freshSuffix() {
  const bytes = crypto.getRandomValues(new Uint8Array(4));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The menu that says who is signed in, and lets somebody else in. */
export function setUpUserMenu(user) {
  const button = byId("user-menu-button");
  const menu = byId("user-menu");
  const keep = byId("keep-user");
  const show = (open, { focus = false } = {}) => {
    menu.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (focus) (open ? keep : button).focus();
  };

  byId("user-email").textContent = user.email;
  byId("user-id").textContent = user.id;
  showKind(user.isNew);
  keep.checked = !user.isNew;

  button.addEventListener("click", () => show(menu.hidden, { focus: menu.hidden }));
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape") show(false, { focus: true });
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.parentElement.contains(event.relatedTarget)) show(false);
  });
  document.addEventListener("click", (event) => {
    if (!menu.hidden && !menu.parentElement.contains(event.target)) show(false);
  });
  keep.addEventListener("change", () => {
    const address = new URL(location.href);
    if (keep.checked) address.searchParams.set("user", user.id);
    else address.searchParams.delete("user");
    history.replaceState(history.state, "", address);
    showKind(!keep.checked);
  });
  byId("new-user").addEventListener("click", () => location.assign(location.pathname));
}

function showKind(isNew) {
  byId("user-kind").textContent = isNew ? "new user" : "same user";
}
