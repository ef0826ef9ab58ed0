// Session: why, why not. A recorded session as a timeline with a cursor, and the explanation of that very moment.

import { ApiError, at, get, post } from "../api.js";
import { h, replace, useStyles } from "../dom.js";
import { show as showDialog } from "../dialog.js";
import { ago, duration, exact, plural, sessionState } from "../format.js";
import { copy } from "../notice.js";
import { go, href, keep } from "../router.js";
import { empty, failed, loadInto } from "../states.js";
import { table } from "../table.js";
import { focusOn, goalCard, headline, memoryCard, notes, offersCard, runCountdowns, showTriggers } from "./session_explain.js";
import { eventsOf, indexAt } from "./session_layout.js";
import { testOf } from "./session_test.js";
import { legend, span, timelineChart } from "./session_timeline.js";
import { userButtons } from "../user_actions.js";

export const title = "Session";

const ASK_MS = 120;
/** A moment this close to now is "now" (seconds). */
const NOW_S = 2;
/** A session with an action within this time may go on (seconds); it is read again this often (ms). */
const LIVE_S = 900;
const FOLLOW_MS = 5_000;

export async function show(root, route, signal) {
  await Promise.all([useStyles("session"), useStyles("people")]);
  if (!route.id) return showSessions(root, route, signal);
  const { product_id: product } = await post("studio/session", {}, { signal });
  const user = route.params.get("user") ?? "";
  if (!user) return replace(root, h("h1", null, "Session"), empty("Whose session is this?", "A link to a session names its user. Open the session from Now, from People, or from a user's sessions.", h("a", { class: "button", href: href("session") }, "Sessions")));
  const screen = { root, signal, product, user, session: route.id, opened: new Set(route.params.getAll("trigger")) };
  try {
    screen.timeline = await get(at`recordings/${product}/${user}`, { session: route.id }, { signal });
  } catch (problem) {
    if (!(problem instanceof ApiError) || problem.status !== 404) throw problem;
    return showLive(screen, problem);
  }
  return signal.aborted || showRecorded(screen, route);
}

function button(label, sign, onclick) {
  return h("button", { type: "button", class: "button button-small", "aria-label": label, title: label, onclick }, sign);
}

function clock(time) {
  return new Date(time * 1000).toLocaleTimeString();
}

function showRecorded(screen, route) {
  const { root, session, user, product, signal } = screen;
  let { timeline } = screen;
  let events = eventsOf(timeline, null);
  const wanted = Number(route.params.get("at"));
  const start = Number.isFinite(wanted) && wanted > 0 ? wanted : (events.findLast(({ kind }) => kind === "decision")?.at ?? timeline.ended_at);
  const moment = h("p", { class: "moment-event", "aria-hidden": "true" });
  const panel = explanationPanel(screen);
  const chart = timelineChart({ timeline, events, nearness: null, start, onMove: moved });
  const list = h("details", { class: "event-list", ontoggle: listEvents });
  screen.moveTo = chart.moveTo;
  replace(
    root,
    head(screen, span(timeline)),
    !timeline.is_complete && h("p", { class: "note small" }, "The beginning of this session is not recorded any more."),
    h("section", { class: "card panel timeline-card", "aria-label": "Timeline" }, h("div", { class: "timeline-head" }, legend(), h("div", { class: "steps" }, button("Zoom out", "−", () => chart.zoomBy(0.5)), button("Zoom in", "+", () => chart.zoomBy(2)), button("Previous event", "‹", () => chart.press("ArrowLeft")), button("Next event", "›", () => chart.press("ArrowRight")))), chart, moment, list),
    panel.element,
  );
  panel.show(start, tellMoment(start)?.trigger);

  function moved(time) {
    // Rounded up, so that the moment of an event is not before it.
    keep({ at: Math.ceil(time * 1000) / 1000 });
    panel.show(time, tellMoment(time)?.trigger);
  }

  function tellMoment(time) {
    const event = events[indexAt(events.map((one) => one.at), time)];
    replace(moment, event ? [h("time", { title: exact(event.at) }, clock(event.at)), " · ", event.text] : "Nothing is recorded.");
    return event;
  }

  function listEvents() {
    replace(list, h("summary", null, `All ${plural(events.length, "event")} as a table`));
    if (!list.open) return;
    list.append(
      table({
        caption: "What happened, in order",
        rows: events,
        columns: [
          { title: "Time", value: (one) => one.at, cell: (one) => h("button", { type: "button", class: "link-button", onclick: () => screen.moveTo(one.at) }, ago(one.at)) },
          { title: "Kind", value: (one) => one.kind },
          { title: "What", value: (one) => one.text },
        ],
      }),
    );
  }

  async function drawAll(more) {
    const isAtEnd = chart.time() >= timeline.ended_at;
    const nearness = await get(at`nearness/${product}/${user}`, { session }, { signal });
    if (signal.aborted) return;
    screen.timeline = timeline = more;
    events = eventsOf(timeline, nearness);
    chart.update(timeline, events, nearness);
    listEvents();
    // Who looks at the newest moment of a live session sees the next one.
    if (isAtEnd && chart.time() < timeline.ended_at) chart.moveTo(timeline.ended_at, false);
    else tellMoment(chart.time());
  }

  async function follow() {
    if (document.hidden || Date.now() / 1000 - timeline.ended_at > LIVE_S) return;
    const more = await get(at`recordings/${product}/${user}`, { session }, { signal });
    if (more.ended_at !== timeline.ended_at) await drawAll(more);
  }

  listEvents();
  drawAll(timeline).catch((problem) => problem.name === "AbortError" || chart.after(failed(problem)));
  const following = setInterval(() => follow().catch(() => {}), FOLLOW_MS);
  signal.addEventListener("abort", () => clearInterval(following));
}

/** A session without a recording: what is known now, and how to get recordings. */
function showLive(screen, problem) {
  const panel = explanationPanel(screen);
  replace(
    screen.root,
    head(screen, "now"),
    empty(problem.message, "So there is no timeline: you see what is known now. Recordings are masked, limited, and deleted with the user.", problem.remedy && h("pre", { class: "snippet" }, problem.remedy)),
    panel.element,
  );
  panel.show(null);
}

function head(screen, when) {
  const { user, session, product, signal } = screen;
  return h(
    "div",
    { class: "page-head" },
    h("div", null, h("h1", null, "Why, why not"), h("p", { class: "soft" }, h("a", { href: href("people", "", { q: user }) }, user), " · session ", h("code", null, session), " · ", when)),
    h("div", { class: "page-actions" }, h("a", { class: "button button-small", href: href("session", "", { user }) }, "Other sessions"), userButtons({ product, user, signal, onDeleted: () => go("people") })),
  );
}

/** The explanation at a moment, with the user beside it. `show(time, focus)`: null is now, and `focus` is the trigger that the sentence is about. */
function explanationPanel(screen) {
  const { user, session, signal } = screen;
  const top = h("div", { class: "headline-box", role: "status" });
  const triggers = h("div", { class: "triggers" });
  const remarks = h("div");
  const goal = h("div");
  const offers = h("div");
  const memory = h("div");
  const main = h("section", { class: "card panel explanation", "aria-label": "Explanation of this moment" }, top, remarks, triggers);
  let asking = new AbortController();
  let due = 0;
  let counting = new AbortController();

  function show(time, focus) {
    clearTimeout(due);
    asking.abort();
    asking = new AbortController();
    main.setAttribute("aria-busy", "true");
    due = setTimeout(() => ask(time, focus, asking.signal), ASK_MS);
  }

  async function ask(time, focus, asked) {
    try {
      const isPast = time !== null;
      const explanation = await get(at`explain/${user}`, isPast ? { session, at: time } : {}, { signal: asked });
      if (asked.aborted || signal.aborted) return;
      counting.abort();
      counting = new AbortController();
      focusOn(explanation, focus);
      replace(top, headline(explanation));
      const isOther = time === null && explanation.session && explanation.session.session_id !== session;
      replace(remarks, isOther && h("p", { class: "note small" }, "This session has ended: the explanation is of the user's current one, ", h("a", { href: href("session", explanation.session.session_id, { user }) }, explanation.session.session_id), "."), notes(explanation));
      showTriggers(triggers, explanation, { opened: screen.opened, actions: (trigger) => actionsOf(screen, trigger, time) });
      replace(goal, goalCard(explanation));
      replace(offers, offersCard(explanation));
      if (Math.abs(explanation.at - Date.now() / 1000) < NOW_S) runCountdowns(triggers, counting.signal);
    } catch (problem) {
      if (problem.name === "AbortError" || signal.aborted) return;
      replace(top);
      replace(triggers, failed(problem, () => show(time, focus)));
    } finally {
      if (!asked.aborted) main.removeAttribute("aria-busy");
    }
  }

  signal.addEventListener("abort", () => {
    clearTimeout(due);
    asking.abort();
    counting.abort();
  });
  get(at`users/${screen.product}/${user}/person`, {}, { signal })
    .then((person) => replace(memory, memoryCard(person, session, (time) => screen.moveTo?.(time))))
    .catch((problem) => problem.name === "AbortError" || problem.status === 404 || replace(memory, failed(problem)));
  return { element: h("div", { class: "explained" }, main, h("div", { class: "beside" }, goal, memory, offers)), show };
}

function actionsOf(screen, trigger, time) {
  const { user, session, product, timeline } = screen;
  return [
    timeline && h("button", { type: "button", class: "button button-small", onclick: () => showTest(testOf({ product, user, session, timeline, time, trigger: trigger.trigger_id })) }, "Copy as a test"),
    timeline && h("a", { class: "button button-small", href: href("rules", trigger.trigger_id, { user, session, at: time }) }, "Replay with a changed rule"),
    h("a", { class: "button button-small", href: href("triggers", trigger.trigger_id) }, "Its results"),
  ];
}

function showTest(text) {
  const dialog = showDialog(
    h(
      "form",
      { method: "dialog" },
      h("h2", { id: "test-title" }, "A test of this moment"),
      h("p", { class: "soft" }, "Save it beside your other tests and run it with pytest. It contains the user's id and what they did, masked as it was recorded."),
      h("pre", { class: "snippet test-text", tabindex: "0", "aria-label": "The test" }, text),
      h("div", { class: "dialog-buttons" }, h("button", { class: "button" }, "Close"), h("button", { type: "button", class: "button button-primary", onclick: () => copy(text, "Test copied.").then(() => dialog.close()) }, "Copy")),
    ),
    { class: "dialog dialog-wide", "aria-labelledby": "test-title" },
  );
}

/** The sessions to choose from: a user's recorded sessions, or those that are live now. */
function showSessions(root, route, signal) {
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
