// Who is signed in: Anna Berg, unless the address names another id: `?user=…`.

import { byId } from "./dom.js";

const MAX_LENGTH = 64;
const ANNA = { id: "anna-berg", name: "Anna Berg", email: "anna.berg@fernway.example" };
const BEN = { id: "ben-ortiz", name: "Ben Ortiz", email: "ben.ortiz@fernway.example" };

/** The signed-in user. */
export function currentUser() {
  const named = new URLSearchParams(location.search).get("user")?.trim().slice(0, MAX_LENGTH);
  return { ...ANNA, id: named || ANNA.id, isNamed: !!named };
}

/** Who can sign in instead of a user. The name in the address makes the other id unique too. */
export const otherUser = (user) =>
  user.name === BEN.name ? currentUser() : { ...BEN, id: user.isNamed ? `${user.id}-ben` : BEN.id, isNamed: user.isNamed };

/** Say who is signed in, and offer to change that. */
export function showUser(user, onSwitch) {
  byId("user-id").textContent = user.id;
  document.querySelector(".user-name").textContent = user.name;
  document.querySelector(".user .avatar").dataset.initials = user.name.replace(/[^A-Z]/g, "");
  const button = byId("switch-user");
  button.textContent = `Sign in as ${otherUser(user).name}`;
  button.onclick = () => onSwitch(otherUser(user));
  button.hidden = false;
}
