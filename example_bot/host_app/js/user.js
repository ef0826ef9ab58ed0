// Who is signed in: Anna Berg, unless the address names another id: `?user=…`.

import { byId } from "./dom.js";

const MAX_LENGTH = 64;

/** The signed-in user. */
export function currentUser() {
  const named = new URLSearchParams(location.search).get("user")?.trim().slice(0, MAX_LENGTH);
  return { id: named || "anna-berg", name: "Anna Berg", email: "anna.berg@fernway.example", isNamed: !!named };
}

/** Say who is signed in. */
export function showUser(user) {
  byId("user-id").textContent = user.id;
}
