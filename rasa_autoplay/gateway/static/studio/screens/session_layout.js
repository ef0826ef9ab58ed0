// Turns a recorded session into what the timeline draws. Pure functions: no DOM, times in epoch seconds.

import { duration, pageNames } from "../format.js";

/** Pauses longer than this are drawn short, or a coffee break would hide everything else (seconds). */
const PAUSE_S = 45;
/** How much of the width a pause gets, compared with the same time of activity. */
const PAUSE_WEIGHT_S = 12;
const NEAR = 0.5;

/** Of events at the same time, the last one is what the cursor shows. */
const RANKS = ["session", "action", "chat", "tour", "offer", "near", "decision"];

const EVENT_WORDS = {
  began: "The session begins",
  history: "Memory of the user is loaded",
  helped: "The bot explains",
  chat_message: "The user writes in the chat",
  tour_started: "A tour starts",
  tour_step: "Tour step",
  tour_ended: "The tour ends",
};
const OUTCOME_WORDS = {
  fired: "fires",
  offered: "makes an offer",
  withheld: "is withheld by chance",
  dropped: "no longer fires",
};

/**
 * A scale from time to a share of the width (0 to 1) in which long pauses are short.
 *
 * @param times all times that matter, in order.
 * @return `{at(time), timeAt(share), pauses: [{from, until}]}`; both functions are monotonic and inverse.
 */
export function timeScale(times, from, until) {
  const marks = [...new Set([from, ...times.filter((time) => time > from && time < until), until])].sort((a, b) => a - b);
  if (marks.length < 2) marks.push(marks[0] + 1);
  const places = [0];
  const pauses = [];
  for (let index = 1; index < marks.length; index++) {
    const gap = marks[index] - marks[index - 1];
    if (gap > PAUSE_S) pauses.push({ from: marks[index - 1], until: marks[index] });
    places.push(places[index - 1] + Math.max(gap > PAUSE_S ? PAUSE_WEIGHT_S : gap, 1e-6));
  }
  const whole = places.at(-1);
  const between = (value, xs, ys) => {
    const right = Math.min(Math.max(upperBound(xs, value), 1), xs.length - 1);
    const share = (value - xs[right - 1]) / (xs[right] - xs[right - 1]);
    return ys[right - 1] + Math.min(Math.max(share, 0), 1) * (ys[right] - ys[right - 1]);
  };
  return {
    at: (time) => between(time, marks, places) / whole,
    timeAt: (share) => between(share * whole, places, marks),
    pauses,
  };
}

/** The index of the first value that is larger. */
function upperBound(values, value) {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The index of the last value that is not larger; 0 if all are. */
export function indexAt(times, time) {
  return Math.max(upperBound(times, time) - 1, 0);
}

/**
 * Everything that happened, in one list in order of time; the cursor steps through it.
 *
 * @param timeline of the API.
 * @param nearness of the API; null while it is loading.
 * @return events `{at, kind, text, tone?, trigger?, offer?}`. `kind`: action, decision, near, offer, chat, tour, session.
 */
export function eventsOf(timeline, nearness) {
  const names = pageNames(timeline.pages);
  const triggerOf = new Map(timeline.decisions.filter((one) => one.offer_id).map((one) => [one.offer_id, one.trigger_id]));
  return [
    ...timeline.actions.map((action) => ({
      at: action.at,
      kind: "action",
      tone: action.signal ? "trouble" : "",
      text: `${action.title || action.type || "Action"}${action.page ? ` on ${names.get(action.page) ?? action.page}` : ""}${action.signal ? ` (${action.signal.replaceAll("_", " ")})` : ""}`,
    })),
    ...timeline.decisions.map(decisionEvent),
    ...timeline.events.map((event) => otherEvent(event, triggerOf)),
    ...(timeline.offers ?? []).flatMap(({ bubbles, trigger_id: trigger }) => bubbles.map(({ bubble, fate, at }) => ({ at, kind: "chat", tone: fate === "failed" ? "trouble" : "bubble", trigger, text: `Chat bubble ${bubble} ${fate.replaceAll("_", " ")} (${trigger})` }))),
    ...nearMisses(timeline, nearness),
  ].sort((a, b) => a.at - b.at || RANKS.indexOf(a.kind) - RANKS.indexOf(b.kind));
}

function decisionEvent(one) {
  const isStop = one.outcome === "stopped" || one.outcome === "deferred";
  const what = isStop ? `fires, but ${one.gate || "a gate"} ${one.outcome === "deferred" ? "defers" : "stops"} it` : (OUTCOME_WORDS[one.outcome] ?? one.outcome);
  return {
    at: one.at,
    kind: "decision",
    tone: isStop ? "stopped" : one.outcome === "withheld" ? "withheld" : one.outcome === "dropped" ? "near" : "fired",
    trigger: one.trigger_id,
    offer: one.offer_id ?? "",
    text: `${one.trigger_id} ${what}${one.detail ? `: ${one.detail}` : ""}`,
  };
}

function otherEvent(event, triggerOf) {
  if (event.event === "offer") {
    const trigger = triggerOf.get(event.offer_id) ?? "";
    return { at: event.at, kind: "offer", tone: event.status, trigger, offer: event.offer_id, text: `Offer ${event.status.replaceAll("_", " ")}${trigger ? ` (${trigger})` : ""}` };
  }
  const kind = event.event.startsWith("tour") ? "tour" : event.event === "chat_message" || event.event === "helped" ? "chat" : "session";
  const detail = event.step || event.tour_id || event.outcome;
  return { at: event.at, kind, tone: event.event, text: `${EVENT_WORDS[event.event] ?? event.event}${detail ? `: ${detail}` : ""}` };
}

/** The nearest moments of triggers that never fired here. */
function nearMisses(timeline, nearness) {
  const fired = new Set(timeline.decisions.map((one) => one.trigger_id));
  return (nearness?.triggers ?? [])
    .filter(({ trigger_id: id, peak }) => peak && peak.nearness >= NEAR && peak.nearness < 1 && !fired.has(id))
    .map(({ trigger_id: id, peak }) => ({ at: peak.at, kind: "near", tone: "near", trigger: id, text: `${id} nearly fires: ${peak.text}` }));
}

/**
 * The life of each offer: a bar from its making to its end, with the steps that it reached.
 *
 * @return `[{offer, trigger, from, until, isOpen, withheld, steps: [{at, status}], status, lane}]`; lanes keep bars that
 *   overlap apart.
 */
export function offerLives(timeline) {
  const known = new Map((timeline.offers ?? []).map((offer) => [offer.offer_id, offer]));
  const lives = new Map();
  for (const one of timeline.decisions) {
    if (!one.offer_id) continue;
    const withheld = one.outcome === "withheld";
    lives.set(one.offer_id, { offer: one.offer_id, trigger: one.trigger_id, from: one.at, withheld, steps: [{ at: one.at, status: withheld ? "withheld" : "queued" }] });
  }
  for (const event of timeline.events) {
    if (event.event !== "offer") continue;
    // An offer of an earlier session can be answered in this one.
    if (!lives.has(event.offer_id)) lives.set(event.offer_id, { offer: event.offer_id, trigger: "", from: timeline.began_at, withheld: false, steps: [] });
    lives.get(event.offer_id).steps.push({ at: event.at, status: event.status });
  }
  const ends = [];
  return [...lives.values()]
    .sort((a, b) => a.from - b.from)
    .map((life) => {
      const last = life.steps.at(-1);
      const isOpen = !["accepted", "dismissed", "snoozed", "never", "expired"].includes(last?.status);
      const until = Math.max(isOpen ? timeline.ended_at : last.at, life.from);
      let lane = ends.findIndex((end) => end < life.from);
      if (lane < 0) lane = ends.length;
      ends[lane] = until;
      const { body = "", trigger_id: trigger = life.trigger } = known.get(life.offer) ?? {};
      return { ...life, trigger, body, until, isOpen, status: last?.status ?? "queued", lane };
    });
}

/** Tours as bars with their steps: `[{tour, from, until, steps: [{at, step}], outcome}]`. */
export function tours(timeline) {
  const found = [];
  for (const event of timeline.events) {
    if (event.event === "tour_started") found.push({ tour: event.tour_id ?? "", from: event.at, until: timeline.ended_at, steps: [], outcome: "" });
    const current = found.at(-1);
    if (!current) continue;
    if (event.event === "tour_step") current.steps.push({ at: event.at, step: event.step ?? "" });
    if (event.event === "tour_ended") Object.assign(current, { until: event.at, outcome: event.outcome ?? "" });
  }
  return found;
}

/** Cells of one row of the heat map with equal heat, joined: `[{from, until, heat}]`; heat is 0 to 5, null is left out. */
export function heatRuns(cells, begin, times) {
  const runs = [];
  cells.forEach((nearness, index) => {
    if (nearness === null || nearness === undefined) return;
    const heat = nearness >= 1 ? 5 : Math.min(Math.ceil(nearness * 5), 4);
    const from = index ? times[index - 1] : begin;
    const last = runs.at(-1);
    if (last && last.heat === heat && last.until === from) last.until = times[index];
    else runs.push({ from, until: times[index], heat });
  });
  return runs;
}

/** A sentence about a moment, for people who cannot see the chart. */
export function momentText(event, index, count, began) {
  return `${index + 1} of ${count}, ${duration(event.at - began)} in: ${event.text}`;
}
