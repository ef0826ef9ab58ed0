// Beside the explanation: the user's goal, what memory knows and the actions that prove it, and past offers.

import { h } from "../dom.js";
import { ago, duration, percent } from "../format.js";
import { href } from "../router.js";

const STATES = { mastered: ["mastered", "tag-green"], in_progress: ["in progress", "tag-blue"], untouched: ["never tried", ""] };

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
      const [word, tone] = STATES[path.state];
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
