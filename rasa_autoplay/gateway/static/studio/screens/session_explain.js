// Shows an explanation: one sentence on top, then each trigger with its conditions as meters and its gates as locks.
// Beside it: the user's goal, what memory knows and the actions that prove it, and past offers.

import { h, icon, replace } from "../dom.js";
import { ago, duration, exact, percent } from "../format.js";
import { href } from "../router.js";

const LOCKED = "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3";
const UNLOCKED = "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 6.7-1.4";
const OUTCOMES = {
  fired: ["fires", "tag-green"],
  stopped: ["stopped", "tag-red"],
  near_miss: ["near miss", "tag-blue"],
  not_near: ["silent", ""],
  off: ["off", ""],
};
const OUTCOME_RANKS = Object.keys(OUTCOMES);
const FEW = 4;

/** The sentence on top: what matters most at this moment. */
export function headline(explanation) {
  const [first] = ranked(explanation);
  const found = explanation.headline ?? (first && { trigger_id: first.trigger_id, outcome: first.outcome, text: first.text });
  if (!explanation.session) return h("p", { class: "headline" }, "The user has no session at this moment.");
  if (!found) return h("p", { class: "headline" }, "There are no triggers.");
  return h("div", { class: `headline headline-${found.outcome}` }, h("p", { class: "headline-text" }, withGate(found)), h("p", { class: "small" }, h("code", null, found.trigger_id)));
}

/** Let the sentence on top be about a trigger: the one whose decision is under the cursor. */
export function focusOn(explanation, triggerId) {
  const found = explanation.triggers.find((one) => one.trigger_id === triggerId);
  if (found) explanation.headline = { trigger_id: triggerId, outcome: found.outcome, text: found.text, gate: found.gates.find(({ stops }) => stops)?.gate };
}

/** The name of the gate stands out. */
function withGate({ text, gate }) {
  const index = gate ? text.indexOf(gate) : -1;
  return index < 0 ? text : [text.slice(0, index), h("em", null, gate), text.slice(index + gate.length)];
}

/**
 * All triggers, those that matter first. Those that were open stay open when the next moment is shown.
 *
 * @param part the element to fill.
 * @param explanation of the API.
 * @param options `opened`: a set of trigger ids, kept by the caller; `actions(trigger)`: buttons of a trigger.
 */
export function showTriggers(part, explanation, { opened, actions }) {
  const all = ranked(explanation);
  const top = explanation.headline?.trigger_id ?? all[0]?.trigger_id;
  const draw = (each) => triggerCard(each, explanation, opened.size ? opened.has(each.trigger_id) : each.trigger_id === top, opened, actions);
  const [near, far] = [all.filter(({ outcome }, index) => index < FEW || outcome !== "not_near"), all.filter(({ outcome }, index) => index >= FEW && outcome === "not_near")];
  replace(
    part,
    near.map(draw),
    far.length > 0 && h("details", { class: "more" }, h("summary", null, `${far.length} more that are not near`), far.map(draw)),
  );
}

function ranked({ triggers }) {
  return [...triggers].sort((a, b) => OUTCOME_RANKS.indexOf(a.outcome) - OUTCOME_RANKS.indexOf(b.outcome) || nearnessOf(b) - nearnessOf(a));
}

function nearnessOf({ conditions }) {
  const shares = conditions.map(shareOf);
  return shares.length ? shares.reduce((sum, share) => sum + share, 0) / shares.length : 0;
}

function shareOf({ holds, have, need }) {
  if (holds) return 1;
  return Number.isFinite(have) && need > 0 ? Math.min(have / need, 1) : 0;
}

function triggerCard(trigger, { at }, isOpen, opened, actions) {
  const [word, tone] = OUTCOMES[trigger.outcome] ?? [trigger.outcome, ""];
  const closed = trigger.gates.filter(({ stops }) => stops);
  const open = trigger.gates.filter(({ stops }) => !stops);
  return h(
    "details",
    { class: "trigger", open: isOpen, ontoggle: (event) => (event.target.open ? opened.add(trigger.trigger_id) : opened.delete(trigger.trigger_id)) },
    h("summary", null, h("span", { class: "trigger-name" }, trigger.trigger_id), h("span", { class: `tag ${tone}` }, word)),
    h("p", null, trigger.text),
    (trigger.about || trigger.variant || (trigger.arm && trigger.arm !== "shown")) &&
      h("p", { class: "soft small" }, [trigger.about && `About ${trigger.about}`, trigger.variant && `variant ${trigger.variant}`, trigger.arm && trigger.arm !== "shown" && `arm ${trigger.arm}`].filter(Boolean).join(" · ")),
    trigger.conditions.length > 0 && h("ul", { class: "conditions", "aria-label": `Conditions of ${trigger.trigger_id}` }, trigger.conditions.map((each) => condition(each, at))),
    closed.length > 0 && h("ul", { class: "gates", "aria-label": `Closed gates of ${trigger.trigger_id}` }, closed.map((gate) => lock(gate))),
    open.length > 0 && h("details", { class: "more small" }, h("summary", null, `${open.length} open gates`), h("ul", { class: "gates" }, open.map((gate) => lock(gate)))),
    Object.entries(trigger.failures ?? {}).length > 0 && h("p", { class: "small" }, `It failed: ${Object.entries(trigger.failures).map(([what, count]) => `${what} ${count}×`).join(", ")}.`),
    h("div", { class: "trigger-actions" }, actions(trigger)),
  );
}

/** A condition with its meter: how much of what is needed was found. Parts of `all` and `any` are below it. */
function condition(result, at) {
  const { condition: text, holds, detail, have, need, changes_at: changesAt, conditions: parts } = result;
  const isCounted = Number.isFinite(have) && Number.isFinite(need);
  return h(
    "li",
    { class: `condition ${holds ? "holds" : "lacks"}` },
    h("div", { class: "condition-head" }, h("span", { class: "condition-sign", "aria-hidden": "true" }, holds ? "✓" : "✗"), h("span", { class: "visually-hidden" }, holds ? "Holds: " : "Does not hold: "), h("span", { class: "condition-text" }, text), isCounted && h("span", { class: "condition-count" }, `${rounded(have)} of ${rounded(need)}`)),
    isCounted && h("span", { class: "meter", role: "meter", "aria-label": text, "aria-valuemin": 0, "aria-valuemax": need, "aria-valuenow": Math.min(have, need), "aria-valuetext": `${rounded(have)} of ${rounded(need)}` }, h("span", { class: "meter-fill", style: { "inline-size": `${shareOf({ have, need }) * 100}%` } })),
    h("p", { class: "soft small" }, detail, changesAt > at && ` · may change in ${duration(changesAt - at)}`),
    parts?.length > 0 && h("ul", { class: "conditions" }, parts.map((part) => condition(part, at))),
  );
}

function rounded(value) {
  return String(Math.round(value * 10) / 10);
}

/** A gate. A closed one counts down: at a past moment it shows what was left then, now it runs. */
function lock({ gate, stops, detail, until, remaining_s: left, until_resumed: isPause, for_ever: isForEver }) {
  const remaining = isPause ? "until somebody resumes it" : isForEver ? "for ever" : stops ? countdown(left, until) : null;
  return h(
    "li",
    { class: `gate ${stops ? "gate-closed" : "gate-open"}` },
    icon(stops ? LOCKED : UNLOCKED),
    h("div", null, h("p", { class: "gate-name" }, h("span", { class: "visually-hidden" }, stops ? "Closed: " : "Open: "), gate, remaining && h("span", { class: "gate-left" }, remaining)), h("p", { class: "soft small" }, detail)),
  );
}

function countdown(left, until) {
  if (!Number.isFinite(left)) return null;
  return h("time", { datetime: new Date(until * 1000).toISOString(), title: exact(until), dataset: { until, left } }, duration(left));
}

/** Let the countdowns run, while the explanation is of this very moment. */
export function runCountdowns(part, signal) {
  const timer = setInterval(() => {
    for (const time of part.querySelectorAll("time[data-until]")) time.textContent = duration(Math.max(Number(time.dataset.until) - Date.now() / 1000, 0));
  }, 1000);
  signal.addEventListener("abort", () => clearInterval(timer));
}

/** What a replay cannot know, for people. */
export function notes({ replay }) {
  if (!replay) return null;
  const texts = [...(replay.notes ?? [])];
  const difference = replay.first_difference;
  if (difference) texts.push(`The replay differs from what was decided then: recorded “${difference.recorded}”, replayed “${difference.replayed}”.`);
  return texts.length > 0 && h("ul", { class: "replay-notes small" }, texts.map((text) => h("li", null, text)));
}

const KNOWN = { mastered: ["mastered", "tag-green"], in_progress: ["in progress", "tag-blue"], untouched: ["never tried", ""] };

/** The goal of the session: the unfinished workflow with the latest step. */
export function goalCard({ session }) {
  const goal = session?.goal;
  const share = goal ? goal.steps_done / Math.max(goal.steps_total, 1) : 0;
  return h(
    "section",
    { class: "card panel", "aria-label": "Goal" },
    h("h2", null, "Goal"),
    goal
      ? [
          h("p", null, h("a", { href: href("paths", goal.golden_path) }, goal.title)),
          h("span", { class: "meter", role: "meter", "aria-label": "Steps done", "aria-valuemin": 0, "aria-valuemax": goal.steps_total, "aria-valuenow": goal.steps_done, "aria-valuetext": `${goal.steps_done} of ${goal.steps_total}` }, h("span", { class: "meter-fill", style: { "inline-size": percent(share).replace(" ", "") } })),
          h("p", { class: "soft small" }, `${goal.steps_done} of ${goal.steps_total} steps. Next: ${goal.next_step}.`),
        ]
      : h("p", { class: "soft" }, session ? "No workflow is under way." : "There is no session."),
  );
}

/**
 * What memory knows of the user: each golden path with its steps and the actions that prove them.
 *
 * @param person of the API.
 * @param sessionId the session that is shown; actions in it are buttons that move the cursor.
 * @param moveTo(time) moves the cursor.
 */
export function memoryCard(person, sessionId, moveTo) {
  const paths = person.workflows.filter(({ state }) => state !== "untouched");
  const untouched = person.workflows.length - paths.length;
  return h(
    "section",
    { class: "card panel", "aria-label": "Memory" },
    h("h2", null, "Memory"),
    paths.map((path) => {
      const [word, tone] = KNOWN[path.state];
      const isPartial = path.state !== "mastered" && path.attempts > 0;
      return h(
        "details",
        { class: "workflow", open: paths.length === 1 },
        h("summary", null, h("span", null, path.title), h("span", { class: `tag ${tone}` }, isPartial ? `${Math.round(path.best_completion_pct)} %` : word)),
        path.struggles.length > 0 && h("p", { class: "small struggle" }, path.struggles.map(({ kind, count, step }) => `Struggles: ${kind.replaceAll("_", " ")}, ${count}×${step ? ` at ${step}` : ""}. `)),
        h("ol", { class: "proofs" }, path.steps.map((step) => stepItem(step, person.user_id, sessionId, moveTo))),
      );
    }),
    untouched > 0 && h("p", { class: "soft small" }, paths.length ? `${untouched} more never tried.` : "The user has not begun any golden path."),
    !person.workflows.length && h("p", { class: "soft small" }, "There are no golden paths."),
  );
}

function stepItem({ title, proofs }, user, sessionId, moveTo) {
  const isDone = proofs.some(({ signal }) => !signal);
  return h(
    "li",
    { class: isDone ? "done" : "" },
    h("span", null, isDone ? "✓ " : "○ ", title, h("span", { class: "visually-hidden" }, isDone ? " (done)" : " (not done)")),
    proofs.length > 0 && h("ul", { class: "small soft" }, proofs.map(({ at, title: action, session_id: session, signal }) => {
      const text = `${action}${signal ? ` (${signal.replaceAll("_", " ")})` : ""}`;
      return h("li", null, session === sessionId ? h("button", { type: "button", class: "link-button", title: "Go to this moment", onclick: () => moveTo(at) }, text) : h("a", { href: href("session", session, { user, at }) }, text), " ", ago(at));
    })),
  );
}

/** Past offers as of the moment, the newest first. */
export function offersCard({ offers, at }) {
  return h(
    "section",
    { class: "card panel", "aria-label": "Past offers" },
    h("h2", null, "Past offers"),
    offers.length
      ? h("ul", { class: "past-offers" }, offers.map(({ trigger_id: trigger, status, life, arm, variant, explored_gate: gate }) => {
          const made = Math.min(...Object.values(life));
          return h("li", null, h("a", { href: href("triggers", trigger) }, trigger), h("span", { class: "tag" }, status.replaceAll("_", " ")), h("p", { class: "soft small" }, `${duration(Math.max(at - made, 0))} before`, variant && ` · variant ${variant}`, arm && arm !== "shown" && ` · ${arm}`, gate && ` · chance and ${gate}`));
        }))
      : h("p", { class: "soft" }, "Nothing was offered before this moment."),
  );
}
