// One person: what memory knows, which answers keep the copilot quiet, what was offered, and the buttons for their data.

import { at, get, post } from "../api.js";
import { h, replace } from "../dom.js";
import { ago } from "../format.js";
import { go, href } from "../router.js";
import { loadInto } from "../states.js";
import { memoryCard } from "./session_user.js";
import { userButtons } from "./user_actions.js";

const ANSWERS = { dismissed: "No", snoozed: "Later", never: "Never" };

/** Show the person whose id is in the route. */
export async function showPerson(root, { id: user }, signal) {
  const { product_id: product } = await post("studio/session", {}, { signal });
  const content = h("div", { class: "panels" });
  replace(
    root,
    h(
      "div",
      { class: "page-head" },
      h("div", null, h("h1", null, user), h("p", { class: "soft" }, h("a", { href: href("people") }, "All people"))),
      h("div", { class: "page-actions" }, h("a", { class: "button button-small", href: href("session", "", { user }) }, "Sessions"), userButtons({ product, user, signal, onDeleted: () => go("people") })),
    ),
    content,
  );
  return loadInto(
    content,
    async () => {
      const [person, { offers }] = await Promise.all([
        get(at`users/${product}/${user}/person`, {}, { signal }),
        get(at`users/${product}/${user}/offers`, { limit: 50 }, { signal }).catch(() => ({ offers: [] })),
      ]);
      return [factsCard(person), memoryCard(person, "", () => {}), silenceCard(person), offersCard(offers)];
    },
    signal,
  );
}

function factsCard({ user_id: user, properties, session_count: count, first_seen_at: first, last_seen_at: last, live }) {
  const facts = [
    ["Now", live ? h("a", { href: href("session", live.session_id, { user }) }, `on ${live.page || "an unknown page"}`) : "not here"],
    ["First seen", ago(first)],
    ["Last seen", ago(last)],
    ["Sessions", count],
    ...Object.entries(properties).map(([name, value]) => [h("code", null, name), String(value)]),
  ];
  return card("Facts", h("dl", { class: "facts" }, facts.map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value)))));
}

function silenceCard({ silences }) {
  if (!silences.length) return card("Silence", h("p", { class: "soft" }, "No answer of the user keeps a trigger quiet."));
  return card("Silence", h("ul", { class: "past-offers" }, silences.map(({ trigger_id: trigger, subject, status, shown_at: shown, until }) => h("li", null, h("a", { href: href("triggers", trigger) }, trigger), h("span", { class: "tag tag-red" }, `“${ANSWERS[status] ?? status}”`), h("p", { class: "soft small" }, "about ", subject || "an unknown page", ", ", ago(shown), until === null ? "; it counts for ever" : ["; it counts until ", ago(until)])))));
}

function offersCard(offers) {
  if (!offers.length) return card("Offers", h("p", { class: "soft" }, "Nothing was offered yet."));
  return card(
    "Offers",
    h("ul", { class: "past-offers" }, offers.map(({ trigger_id: trigger, body, status, life, session_id: session, user_id: user }) => {
      const made = Math.min(...Object.values(life));
      return h("li", null, h("a", { href: href("session", session, { user, at: made }) }, trigger), h("span", { class: "tag" }, status.replaceAll("_", " ")), h("p", { class: "soft small" }, ago(made), " · ", body));
    })),
  );
}

function card(title, content) {
  return h("section", { class: "card panel", "aria-label": title }, h("h2", null, title), content);
}
