// Times and numbers as people read them.

import { h } from "./dom.js";

const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const NUMBER = new Intl.NumberFormat("en");
const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const UPDATE_MS = 10_000;

/** A time as a `<time>`: relative text that stays true, the exact time on hover. `at`: epoch seconds or ISO. */
export function ago(at) {
  const seconds = secondsOf(at);
  if (!Number.isFinite(seconds)) return h("span", null, "–");
  const date = new Date(seconds * 1000);
  return h(
    "time",
    { datetime: date.toISOString(), title: EXACT.format(date), dataset: { at: seconds } },
    relative(seconds),
  );
}

/** The exact time in the reader's own time zone. */
export function exact(at) {
  return EXACT.format(new Date(secondsOf(at) * 1000));
}

/** `45 s`, `3 min`, `2 h 5 min`, `4 d 2 h`. */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return "–";
  const whole = Math.round(Math.abs(seconds));
  const sign = seconds < 0 && whole ? "−" : "";
  if (whole < 60) return `${sign}${seconds && whole < 1 ? "< 1" : whole} s`;
  if (whole < 3_600) return sign + joined(Math.floor(whole / 60), "min", whole < 600 ? whole % 60 : 0, "s");
  if (whole < 86_400) return sign + joined(Math.floor(whole / 3_600), "h", Math.floor((whole % 3_600) / 60), "min");
  return sign + joined(Math.floor(whole / 86_400), "d", Math.floor((whole % 86_400) / 3_600), "h");
}

/** `12,345` */
export function number(n) {
  return Number.isFinite(n) ? NUMBER.format(n) : "–";
}

/** A share of 1 as `34 %`, with a decimal below 10 %. */
export function percent(x) {
  if (!Number.isFinite(x)) return "–";
  const value = x * 100;
  return `${Math.abs(value) < 10 && value % 1 ? value.toFixed(1) : Math.round(value)} %`;
}

/** `1 toast`, `3 toasts`; give the plural if it is irregular. */
export function plural(n, one, many = `${one}s`) {
  return `${number(n)} ${n === 1 ? one : many}`;
}

function secondsOf(at) {
  return typeof at === "number" ? at : Date.parse(at) / 1000;
}

function relative(seconds) {
  const since = seconds - Date.now() / 1000;
  if (Math.abs(since) < 10) return "now";
  for (const [unit, length] of UNITS) {
    if (Math.abs(since) >= length) return RELATIVE.format(Math.trunc(since / length), unit);
  }
  return RELATIVE.format(Math.round(since), "second");
}

function joined(large, unit, small, smallUnit) {
  return small ? `${large} ${unit} ${small} ${smallUnit}` : `${large} ${unit}`;
}

setInterval(() => {
  if (document.hidden) return;
  for (const time of document.querySelectorAll("time[data-at]")) {
    const text = relative(Number(time.dataset.at));
    if (time.textContent !== text) time.textContent = text;
  }
}, UPDATE_MS);

const SESSION_STATES = {
  proactive_assistance: ["Toast or tour", "tag-green"],
  reactive_assistance: ["In the chat", "tag-blue"],
  quiet: ["Resting", "tag-grey"],
  thinking: ["Watching", "tag-grey"],
};

/** The state of a live session: its words, and the class of its tag. */
export function sessionState({ state, quiet_until: quietUntil }) {
  return SESSION_STATES[quietUntil && state === "thinking" ? "quiet" : state] ?? [state, "tag-grey"];
}

/** Short names of pages, by page: without what all of them begin with. */
export function pageNames(pages) {
  const all = [...new Set(pages.map(({ page }) => page))].filter(Boolean);
  const [first = ""] = all;
  let shared = all.length > 1 ? first.lastIndexOf("/") : first.search(/[^:/]\/[^/]/) + 1;
  while (shared > 0 && !all.every((page) => page.startsWith(first.slice(0, shared + 1)))) shared = first.lastIndexOf("/", shared - 1);
  return new Map(all.map((page) => [page, page.slice(Math.max(shared, 0)) || page]));
}
