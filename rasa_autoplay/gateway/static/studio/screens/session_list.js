// The sessions to choose from: a user's recorded sessions, or those that are live now.

import { at, get, post } from "../api.js";
import { h, replace } from "../dom.js";
import { ago, duration, sessionState } from "../format.js";
import { go, href } from "../router.js";
import { empty, loadInto } from "../states.js";
import { table } from "../table.js";

/** Show them. */
export function showSessions(root, route, signal) {
  const user = route.params.get("user") ?? "";
  const input = h("input", { id: "user", class: "input", name: "user", placeholder: "User id", autocomplete: "off", spellcheck: "false" });
  input.value = user;
  const submit = (event) => {
    event.preventDefault();
    go("session", "", { user: input.value.trim() });
  };
  const found = h("section", { class: "card panel" });
  replace(
    root,
    h("div", { class: "page-head" }, h("div", null, h("h1", null, "Sessions"), h("p", { class: "soft" }, "Choose a session to see why something was said, and why not."))),
    h("form", { class: "search", role: "search", onsubmit: submit }, h("label", { class: "visually-hidden", for: "user" }, "User id"), input, h("button", { class: "button button-primary" }, "Show sessions")),
    found,
  );
  return loadInto(found, () => (user ? ofUser(user, signal) : live(signal)), signal);
}

async function ofUser(user, signal) {
  const { product_id: product } = await post("studio/session", {}, { signal });
  const { sessions } = await get(at`recordings/${product}/${user}`, {}, { signal });
  const link = ({ session_id: id }) => h("a", { href: href("session", id, { user }) }, id);
  return [
    h("h2", null, `Recorded sessions of ${user}`),
    table({
      caption: "Recorded sessions",
      rows: sessions,
      sortBy: "Last action",
      descending: true,
      empty: empty("No recorded session", "Nothing of this user is recorded yet. Check the id, or look at the people who were here."),
      columns: [
        { title: "Session", value: (one) => one.session_id, cell: link },
        { title: "Last action", value: (one) => one.ended_at, cell: (one) => ago(one.ended_at) },
        { title: "Length", value: (one) => one.ended_at - one.began_at, cell: (one) => duration(one.ended_at - one.began_at), align: "end" },
        { title: "Actions", value: (one) => one.actions, align: "end" },
        { title: "Decisions", value: (one) => one.decisions, align: "end" },
      ],
    }),
  ];
}

async function live(signal) {
  const { sessions } = await get("sessions", {}, { signal });
  return [
    h("h2", null, "Live now"),
    table({
      caption: "Live sessions of known users",
      rows: sessions.filter((one) => one.user_id).slice(0, 200),
      empty: empty("Nobody is using the app now", "Enter a user's id above, or find a user in People.", h("a", { class: "button", href: href("people") }, "People")),
      columns: [
        { title: "User", value: (one) => one.user_id, cell: (one) => h("a", { href: href("session", one.session_id, { user: one.user_id }) }, one.user_id) },
        { title: "Page", value: (one) => one.page },
        { title: "State", value: (one) => sessionState(one)[0] },
      ],
    }),
  ];
}
