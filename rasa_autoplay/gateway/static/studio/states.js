// The states of a screen or of a part of it: loading, empty, failed.

import { h, replace } from "./dom.js";
import { ApiError } from "./api.js";

const QUIET_MS = 200;

/** Nothing to show yet: says what to do next. `action` is a node, such as a link or a button. */
export function empty(title, text, action) {
  return h("div", { class: "state" }, h("p", { class: "state-title" }, title), h("p", null, text), action);
}

/** What failed, and the remedy. `retry` is called by a button. */
export function failed(problem, retry) {
  return h(
    "div",
    { class: "state state-failed", role: "alert" },
    h("p", { class: "state-title" }, problem.message),
    problem.remedy && h("p", null, problem.remedy),
    retry && h("button", { type: "button", class: "button", onclick: retry }, "Try again"),
  );
}

/**
 * Fill a part of a screen with what `load` brings.
 *
 * Shows a placeholder only if the answer takes long, so that nothing flickers, and an error with its remedy.
 *
 * @param part the element to fill.
 * @param load an async function that returns what to show: a node or an array of them.
 * @param signal of the screen; afterwards nothing is shown.
 */
export async function loadInto(part, load, signal) {
  part.setAttribute("aria-busy", "true");
  const waiting = setTimeout(() => {
    if (!signal?.aborted) replace(part, h("div", { class: "loading", role: "status" }, h("span", { class: "visually-hidden" }, "Loading…")));
  }, QUIET_MS);
  try {
    const shown = await load();
    clearTimeout(waiting);
    if (!signal?.aborted) replace(part, shown);
  } catch (problem) {
    clearTimeout(waiting);
    if (signal?.aborted || problem.name === "AbortError") return;
    if (!(problem instanceof ApiError)) console.error(problem);
    const known = problem instanceof ApiError ? problem : { message: "The studio failed here.", remedy: `Reload the page. (${problem.message})` };
    replace(part, failed(known, () => loadInto(part, load, signal)));
  } finally {
    clearTimeout(waiting);
    part.removeAttribute("aria-busy");
  }
}
