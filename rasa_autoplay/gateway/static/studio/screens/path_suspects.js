// Steps that users no longer do as the golden path says, and the button that confirms one.

import { post } from "../api.js";
import { h } from "../dom.js";
import { say } from "../notice.js";
import { askWho, attempt } from "../operators.js";

/** One note for each suspect step of a path; `onChange` is called after a confirmation. */
export function suspectsOf({ path_id: pathId, steps, suspects = [] }, onChange) {
  return suspects.map(({ step, text }) => {
    const title = steps.find(({ id }) => id === step)?.title ?? step;
    return h(
      "div",
      { class: "warning", role: "note", dataset: { suspect: step } },
      h("p", null, h("b", null, `“${title}” may be out of date: `), text, ". Until somebody edits or confirms it, offers come without the tour, and the chat leaves out a label that may be wrong."),
      h("button", { type: "button", class: "button button-small", onclick: () => confirmStep({ pathId, step, title, onChange }) }, "It's right: confirm"),
    );
  });
}

async function confirmStep({ pathId, step, title, onChange }) {
  const given = await askWho({
    title: `Confirm “${title}”?`,
    text: "The tour is offered again, within a second. If the step has changed, edit the golden path instead.",
    confirm: "Confirm",
  });
  if (!given) return;
  await attempt(async () => say((await post("golden-paths/confirm", { path_id: pathId, step_id: step, ...given })).text));
  onChange();
}
