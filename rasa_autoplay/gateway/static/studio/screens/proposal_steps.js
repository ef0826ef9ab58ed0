// The steps of a proposal: promote, take back, reject; and the change of the files that a step writes.

import { post } from "../api.js";
import { h } from "../dom.js";
import { copy, say } from "../notice.js";
import { askWho, attempt, download } from "../operators.js";
import { href } from "../router.js";
import { diffOf } from "../file_change.js";
import { stageTag } from "./proposal_parts.js";

/** The buttons of the steps; without the right to write, the commands that do the same. */
export function stepButtons(proposal, load) {
  const { steps, can_write: canWrite } = proposal;
  if (canWrite) return h("div", { class: "actions after" }, steps.map((step) => h("button", { type: "button", class: `button ${toneOf(step)}`, disabled: Boolean(step.problem), onclick: () => take(proposal, step, load) }, labelOf(step))));
  return [
    h("ul", { class: "commands after" }, steps.map((step) => h("li", null, h("code", null, step.command), h("button", { type: "button", class: "button button-small", onclick: () => copy(step.command, "The command is copied.") }, "Copy", h("span", { class: "visually-hidden" }, ` the command: ${labelOf(step)}`))))),
    h("p", { class: "soft small after" }, "With studio: {write: true} in autoplay.yml, the studio takes these steps itself."),
  ];
}

/** What a step would change in the files; which step is part of the URL. */
export function changePanel({ id, steps }, route) {
  const chosen = steps.find(({ action }) => action === route.params.get("change")) ?? steps[0];
  if (!chosen) return null;
  const diff = chosen.changes.map(({ diff: each }) => each).join("");
  return h(
    "section",
    { class: "card panel" },
    h("h2", null, "The change of the files"),
    h("nav", { class: "periods", "aria-label": "Step" }, steps.map((step) => h("a", { href: href("proposals", id, { change: step.action }), "aria-current": step === chosen && "true" }, labelOf(step)))),
    chosen.problem && h("p", { class: "warning after" }, chosen.problem),
    chosen.changes.length ? chosen.changes.map(({ file, diff: each }) => [h("h3", { class: "after" }, file), diffOf(each, "The file stays as it is.", `Diff of ${file}`)]) : h("p", { class: "soft after" }, "The files stay as they are."),
    diff && h("div", { class: "actions after" }, h("button", { type: "button", class: "button", onclick: () => download(`${id}.diff`, diff) }, "Download the diff"), h("button", { type: "button", class: "button", onclick: () => copy(diff, "The diff is copied.") }, "Copy the diff")),
  );
}

function labelOf({ action, to }) {
  return { promote: `Promote to ${wordOf(to)}`, back: `Back to ${wordOf(to)}`, reject: "Reject" }[action];
}

function wordOf(stage) {
  return stageTag(stage).textContent.toLowerCase();
}

function toneOf({ action, is_by_rule: isByRule }) {
  return { promote: isByRule ? "button-primary" : "", reject: "button-danger" }[action] ?? "";
}

async function take({ id, base, file }, step, load) {
  const { action, is_by_rule: isByRule, needs_reason: needsReason, changes } = step;
  const given = await askWho({
    title: `${labelOf(step)}?`,
    text: [action === "promote" && !isByRule && h("p", null, "The rule does not say so now."), changes.length ? `It writes into ${changes.map(({ file: each }) => each).join(" and ")}, and the engine loads it within a second.` : `${file} stays as it is.`],
    confirm: labelOf(step),
    danger: action === "reject",
    why: needsReason ? "needed" : "optional",
  });
  if (!given) return;
  await attempt(async () => say((await post("proposals/step", { proposal_id: id, action, base, ...given })).text));
  await load();
}
