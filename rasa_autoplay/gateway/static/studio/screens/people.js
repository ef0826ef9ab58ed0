// People: find users by id or property and by what they know, and who would benefit from a golden path now. And one
// person: what memory knows, which answers keep the copilot quiet, what was offered, and the buttons for their data.

import { at, get, post } from "../api.js";
import { h, replace, useStyles } from "../dom.js";
import { ago, number, plural } from "../format.js";
import { go, href } from "../router.js";
import { empty, loadInto } from "../states.js";
import { table } from "../table.js";
import { memoryCard } from "./session_explain.js";
import { userButtons } from "../user_actions.js";

export const title = "People";

const TYPING_MS = 250;
const STATES = [
  ["", "Everybody", null],
  ["mastered", "Mastered a workflow", "mastered"],
  ["struggling", "Struggling", "struggling"],
  ["snoozed", "Asked for silence", "snoozed"],
];

export async function show(root, route, signal) {
  await Promise.all([useStyles("people"), useStyles("session")]);
  if (route.id) return showPerson(root, route, signal);
  const asked = Object.fromEntries(["q", "state", "path"].map((name) => [name, route.params.get(name) ?? ""]));
  const visit = (changes) => go("people", "", { ...asked, ...changes });
  const input = h("input", { id: "q", type: "search", class: "input", placeholder: "An id, or a property such as plan=pro", autocomplete: "off", spellcheck: "false", oninput: typed });
  input.value = asked.q;
  const paths = h("select", { id: "path", class: "select", onchange: () => visit({ path: paths.value }) }, h("option", { value: "" }, "Any golden path"));
  const states = h("div", { class: "segments", role: "group", "aria-label": "What they know" });
  const results = h("section", { class: "card panel", "aria-label": "Results" });
  let typing = 0;

  function typed() {
    clearTimeout(typing);
    // Letters are no steps of the history.
    typing = setTimeout(() => location.replace(href("people", "", { ...asked, q: input.value.trim() })), TYPING_MS);
  }

  function filters({ counts, paths: known }) {
    replace(states, STATES.map(([state, label, count]) => h("button", { type: "button", class: "segment", "aria-pressed": String(state === asked.state), onclick: () => visit({ state }) }, label, count && h("span", { class: "soft" }, ` ${number(counts[count])}`))));
    replace(paths, h("option", { value: "" }, "Any golden path"), known.map(({ id, title: name }) => h("option", { value: id }, name)));
    paths.value = asked.path;
  }

  replace(
    root,
    h("div", { class: "page-head" }, h("div", null, h("h1", null, "People"), h("p", { class: "soft" }, "Who knows what, who struggles, and who would benefit from a golden path now."))),
    h(
      "form",
      { class: "people-search", role: "search", onsubmit: (event) => (event.preventDefault(), visit({ q: input.value.trim() })) },
      h("div", { class: "field" }, h("label", { for: "q" }, "User or property"), input),
      h("div", { class: "field" }, h("label", { for: "path" }, "Who would benefit from"), paths),
    ),
    states,
    results,
  );
  if (asked.q && sessionStorage.getItem("people-typing")) input.focus();
  signal.addEventListener("abort", () => {
    clearTimeout(typing);
    // Typing changes the URL, which shows the screen anew: the caret stays where it is.
    if (document.activeElement === input) sessionStorage.setItem("people-typing", "1");
    else sessionStorage.removeItem("people-typing");
  });
  return loadInto(
    results,
    async () => {
      const found = await get("people", { ...asked, limit: 200 }, { signal });
      if (!signal.aborted) filters(found);
      return [h("p", { class: "soft small", role: "status" }, summary(found)), list(found, asked)];
    },
    signal,
  );
}

function summary({ people, matched, searched, all_searched: isAll }) {
  const shown = matched > people.length ? `${number(people.length)} of ${number(matched)} people` : plural(matched, "person", "people");
  return isAll ? shown : `${shown}, among the ${number(searched)} seen last. Search by id to find others.`;
}

function list({ people, paths }, { path }) {
  const titles = new Map(paths.map(({ id, title: name }) => [id, name]));
  const names = (ids) => ids.map((id) => titles.get(id) ?? id).join(", ");
  const columns = [
    { title: "User", value: ({ user_id: id }) => id, cell: ({ user_id: id, live }) => [h("a", { href: href("people", id) }, id), live && h("a", { class: "tag tag-green", href: href("session", live.session_id, { user: id }), title: live.page }, "here now")] },
    path
      ? { title: "Why", value: ({ benefit }) => benefit.text, cell: ({ benefit, live }) => [benefit.text, live?.on_path && h("p", { class: "small" }, "On its page now."), benefit.quiet_until && h("p", { class: "soft small" }, benefit.quiet_until === "ever" ? "Never wants to be asked again." : ["Wants silence until ", ago(benefit.quiet_until)])] }
      : { title: "Masters", value: ({ mastered }) => mastered.length, cell: ({ mastered }) => h("span", { title: names(mastered) }, number(mastered.length)), align: "end" },
    !path && { title: "In progress", value: (one) => Object.keys(one.in_progress).length, cell: (one) => h("span", { title: names(Object.keys(one.in_progress)) }, number(Object.keys(one.in_progress).length)), align: "end" },
    !path && { title: "Struggles with", value: ({ struggles }) => names([...new Set(struggles.map(({ workflow }) => workflow))]) },
    { title: "Properties", value: ({ properties }) => Object.entries(properties).map(([name, value]) => `${name}=${value}`).join(" "), cell: ({ properties }) => Object.entries(properties).slice(0, 3).map(([name, value]) => h("span", { class: "tag" }, `${name}: ${value}`)), sortable: false },
    { title: "Sessions", value: ({ session_count: count }) => count, align: "end" },
    { title: "Last seen", value: ({ last_seen_at: last }) => last, cell: ({ last_seen_at: last }) => ago(last) },
  ];
  return table({
    columns: columns.filter(Boolean),
    rows: people,
    caption: path ? "Those who would benefit, the neediest first" : "People, those seen last first",
    empty: empty("Nobody fits", "Change the search or the filter. Users appear here with their first session; users whom your app does not identify never do."),
  });
}

const ANSWERS = { dismissed: "No", snoozed: "Later", never: "Never" };

/** Show the person whose id is in the route. */
async function showPerson(root, { id: user }, signal) {
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
