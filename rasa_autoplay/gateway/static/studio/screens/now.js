// Now: is everything well, who is active, how near is help, and what keeps the triggers silent today?

import { get, post, sentence } from "../api.js";
import { bars, sparkline } from "../charts.js";
import { h, replace, useStyles } from "../dom.js";
import { ago, number, plural, sessionState } from "../format.js";
import { poll } from "./poll.js";
import { currentRoute, href, keep } from "../router.js";
import { empty, failed } from "../states.js";
import { virtualList } from "./virtual_list.js";

export const title = "Now";

// All sessions are listed once a minute, and those that were active last more often: the server has better things to do.
const ALL_MS = 60_000;
const NEWEST_MS = 10_000;
const DETAILS_MS = 5_000;
const HEALTH_MS = 15_000;
const SCROLLED_MS = 120;
const MOST = 5_000;
const NEWEST = 200;
const MOST_PATH = 26;
// The doctor's states; see the route.
const STATES = [
  ["error", "red", "problem"],
  ["warning", "blue", "hint"],
  ["not_seen", "grey", "not seen yet", "not seen yet"],
  ["ok", "green", "ok", "ok"],
];
const OUTCOMES = { offered: "Offered", withheld: "Withheld", stopped: "Stopped", deferred: "Waits", dropped: "Given up" };

const HEADS = h("div", { class: "session-heads", "aria-hidden": "true" }, ["User and page", "Actions", "State", "Nearest trigger", "Last decision"].map((text) => h("span", null, text)));

export async function show(root, _route, signal) {
  await useStyles("now");
  const parts = { status: h("p", { role: "status" }), tiles: h("dl", { class: "tiles" }), findings: h("div"), sessions: h("section", { class: "card panel", "aria-label": "Live sessions" }), silence: h("div") };
  replace(
    root,
    h("div", { class: "page-head" }, h("h1", null, "Now"), parts.status),
    parts.tiles,
    h("section", { class: "card panel", "aria-label": "Findings" }, h("h2", null, "Findings"), parts.findings),
    parts.sessions,
    h("section", { class: "card panel", "aria-label": "Silence today" }, h("h2", null, "Silence today"), parts.silence),
  );
  showSessions(parts.sessions, parts.tiles, signal);
  poll(() => showHealth(parts, signal), HEALTH_MS, signal);
  poll(() => showSilence(parts.silence, signal), HEALTH_MS, signal);
}

// --- Health ---

async function showHealth({ status, tiles, findings }, signal) {
  const answer = await shownOrFailed(findings, () => get("findings", {}, { signal }), signal);
  if (!answer) {
    replace(status, h("span", { class: "tag tag-red" }, "No answer"));
    return;
  }
  const { findings: found, counts, health } = answer;
  replace(status, STATES.map(([state, tone, one, many]) => counts[state] > 0 && h("span", { class: `tag tag-${tone}` }, plural(counts[state], one, many))));
  replace(
    findings,
    found.length
      ? h("ul", { class: "findings" }, found.map(findingOf))
      : h("p", { class: "soft" }, "Sources, link, engine and pages are well."),
  );
  const sources = Object.entries(health.sources ?? {});
  const engines = Object.keys(health.engine?.engines ?? {}).length || (health.engine?.state === "running" ? 1 : 0);
  const latest = Math.max(...sources.map(([, source]) => source.last_event_at ?? 0), 0);
  setTile(tiles, "Open pages", number(health.feeds?.open), "connected to the toast feed");
  setTile(tiles, "Last event", latest ? ago(latest) : "none yet", sources.map(([name]) => name).join(", ") || "no source");
  setTile(tiles, engines === 1 ? "Engine" : "Engines", engines ? (engines === 1 ? "runs" : number(engines)) : "away", health.link?.state === "connected" ? "connected" : "not connected");
}

function findingOf({ label, tone, found, remedy, check }) {
  return h(
    "li",
    { class: "finding" },
    h("span", { class: `tag tag-${tone}` }, label),
    h("div", null, h("p", null, sentence(found)), h("p", { class: "soft small" }, "What to do: ", remedy.replace(/\.*$/, "."))),
    h("span", { class: "soft small", title: "The doctor's name for this check" }, check),
  );
}

function setTile(tiles, label, value, note) {
  let tile = [...tiles.children].find(({ dataset }) => dataset.label === label);
  if (!tile) tiles.append((tile = h("div", { class: "card tile", dataset: { label } })));
  replace(tile, h("dt", null, label), h("dd", null, h("span", { class: "tile-value" }, value), h("span", { class: "soft small" }, note)));
}

// --- Live sessions ---

function showSessions(section, tiles, signal) {
  const details = new Map();
  let rows = [];
  let listedAt = -Infinity;
  const filter = h("input", { class: "input", type: "search", placeholder: "User or page", "aria-label": "Show only this user or page", oninput: changed });
  filter.value = currentRoute().params.get("q") ?? "";
  const count = h("span", { class: "soft small", role: "status" });
  const body = h("div");
  const list = virtualList({
    items: [],
    rowHeight: matchMedia("(max-width: 820px)").matches ? 104 : 62,
    key: ({ session_id }) => session_id,
    row: rowOf,
    same: (a, b) => JSON.stringify(a) === JSON.stringify(b),
    label: "Live sessions, those active last first",
    onview: () => {
      clearTimeout(scrolled);
      scrolled = setTimeout(() => askDetails(), SCROLLED_MS);
    },
  });
  let scrolled = 0;
  list.classList.add("sessions");
  replace(section, h("div", { class: "section-head" }, h("h2", null, "Live sessions"), count, filter), body);

  function draw() {
    const wanted = filter.value.trim().toLowerCase();
    const shown = rows.filter(({ user_id, page, session_id }) => !wanted || `${user_id ?? ""} ${page} ${session_id}`.toLowerCase().includes(wanted));
    count.textContent = wanted ? `${number(shown.length)} of ${number(rows.length)}` : "";
    if (!shown.length) {
      replace(body, rows.length ? empty("No session matches.", "Search for a part of a user's id or of a page.") : empty("Nobody is using the app right now.", "Open a page of your app that has autoplay.js, and the session appears here."));
      return;
    }
    if (!list.isConnected) replace(body, HEADS.cloneNode(true), list);
    list.update(shown.map((row) => ({ ...row, ...details.get(row.session_id) })));
  }

  function changed() {
    keep({ q: filter.value.trim() });
    draw();
  }

  async function askRows() {
    const isDue = performance.now() - listedAt >= ALL_MS || rows.length < NEWEST;
    const answer = await shownOrFailed(body, () => get("sessions", { limit: isDue ? MOST : NEWEST, details: 0 }, { signal }), signal);
    if (!answer) return;
    if (isDue) listedAt = performance.now();
    const listed = isDue ? answer.sessions : withOthers(answer.sessions, rows);
    rows = list.matches(":hover, :focus-within") || list.scrollTop ? inKnownOrder(rows, listed) : listed;
    setTile(tiles, "Live sessions", number(answer.total), plural(new Set(rows.map(({ user_id }) => user_id)).size, "user"));
    const live = new Set(rows.map(({ session_id }) => session_id));
    for (const id of details.keys()) if (!live.has(id)) details.delete(id);
    draw();
  }

  async function askDetails() {
    const ids = list.isConnected ? list.inView().map(({ session_id }) => session_id) : [];
    if (!ids.length || document.hidden || signal.aborted) return;
    const answer = await post("sessions/details", { session_ids: ids.slice(0, 100) }, { signal }).catch(() => null);
    if (!answer || signal.aborted) return;
    for (const each of answer.sessions) details.set(each.session_id, each);
    draw();
  }

  poll(askRows, NEWEST_MS, signal);
  poll(askDetails, DETAILS_MS, signal);
}

/** The newest sessions, then those that were listed before and are not among them. */
function withOthers(newest, known) {
  const ids = new Set(newest.map(({ session_id }) => session_id));
  return [...newest, ...known.filter(({ session_id }) => !ids.has(session_id))];
}

/** While somebody reads the list, no row moves: known sessions stay where they are, and new ones come last. */
function inKnownOrder(known, answered) {
  const found = new Map(answered.map((row) => [row.session_id, row]));
  const kept = known.filter(({ session_id }) => found.has(session_id)).map(({ session_id }) => found.get(session_id));
  const before = new Set(known.map(({ session_id }) => session_id));
  return [...kept, ...answered.filter(({ session_id }) => !before.has(session_id))];
}

function rowOf(session) {
  const { session_id, user_id, page, active_at, actions, activity, nearest, last, quiet_until } = session;
  const [label, tone] = sessionState(session);
  return h(
    "a",
    { class: "session-row", href: href("session", session_id, { user: user_id }) },
    h("span", { class: "who" }, h("span", { class: "cut", title: user_id }, user_id ?? "Anonymous visitor"), h("span", { class: "soft small cut", title: page }, pathOf(page))),
    h("span", { class: "activity" }, activity ? sparkline(activity.counts, { label: plural(sum(activity.counts), "action"), width: 90 }) : null, h("span", { class: "soft small" }, ago(active_at), " · ", plural(actions, "action"))),
    h("span", null, h("span", { class: `tag ${tone}`, title: quiet_until ? "It makes no offer for a moment." : null }, label)),
    h("span", { class: "nearest" }, nearest && nearestOf(nearest)),
    h("span", { class: "last" }, last && lastOf(last)),
  );
}

function nearestOf({ trigger_id, fires, nearness, text, has, needs }) {
  const amount = needs ? `${number(round(has))} of ${number(needs)}` : text;
  return [
    h("span", { class: "cut", title: text }, h("strong", null, fires ? "Fires" : amount), " ", trigger_id),
    h("span", { class: "bar-track", "aria-hidden": "true" }, h("span", { class: "bar", style: { "inline-size": `${nearness * 100}%` } })),
  ];
}

function lastOf({ outcome, trigger_id, gate, detail, body, status, at }) {
  const what = body ? `“${body}”` : gate ? `${gate}: ${detail}` : detail || trigger_id;
  return [
    h("span", { class: "cut", title: `${trigger_id}: ${what}` }, what),
    h("span", { class: "soft small cut" }, OUTCOMES[outcome] ?? outcome, status && outcome === "offered" ? `, ${status}` : "", " · ", ago(at)),
  ];
}

// --- Silence ---

async function showSilence(part, signal) {
  const answer = await shownOrFailed(part, () => get("silence", {}, { signal }), signal);
  if (!answer) return;
  const { triggers } = answer;
  if (!triggers.length) {
    replace(part, empty("There are no triggers.", "Write one in autoplay.yml, or begin on the screen Rules."));
    return;
  }
  replace(part, h("p", { class: "soft small" }, "Fires since midnight UTC, and the gates that kept them silent. ", h("a", { href: href("triggers") }, "All figures")), h("div", { class: "silences" }, triggers.map(silenceOf)));
}

function silenceOf({ trigger_id, fired, offered, withheld, gates }) {
  const rows = [
    { label: "Offered", value: offered },
    ...(withheld ? [{ label: "Withheld by chance", value: withheld, tone: "grey" }] : []),
    ...gates.map(({ gate, count }) => ({ label: gate, value: count, tone: "red" })),
  ];
  return h(
    "article",
    { class: "silence" },
    h("h3", null, h("a", { href: href("triggers", trigger_id) }, trigger_id), h("span", { class: "soft small" }, fired ? ` fired ${number(fired)}×` : " has not fired")),
    fired > 0 && bars({ rows, label: `What became of the fires of ${trigger_id}` }),
  );
}

// --- Helpers ---

/** Ask; on failure show it in the part and return null. The next turn of the poll tries again. */
async function shownOrFailed(part, ask, signal) {
  try {
    return await ask();
  } catch (problem) {
    if (problem.name === "AbortError" || signal.aborted) return null;
    if (problem.status === undefined) throw problem;
    replace(part, failed(problem));
    return null;
  }
}

/** The page without its host, which is nearly always the same. Of a long path, the end says most. */
function pathOf(page) {
  if (!page) return "no page yet";
  const path = page.replace(/^https?:\/\/[^/]+/, "") || "/";
  const cut = path.length > MOST_PATH ? path.indexOf("/", path.length - MOST_PATH) : 0;
  return cut > 0 ? `…${path.slice(cut)}` : path;
}

function sum(counts) {
  return counts.reduce((total, each) => total + each, 0);
}

function round(value) {
  return Math.floor(value * 10) / 10;
}
