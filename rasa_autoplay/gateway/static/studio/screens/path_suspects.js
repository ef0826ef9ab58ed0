// Steps that users no longer do as the golden path says, and the button that confirms one.

import { post } from "../api.js";
import { ask } from "../dialog.js";
import { h } from "../dom.js";
import { say } from "../notice.js";
import { remember, rememberedName } from "./trigger_pause.js";

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
  const given = await ask({
    title: `Confirm “${title}”?`,
    text: "The tour is offered again, within a second. If the step has changed, edit the golden path instead.",
    confirm: "Confirm",
    fields: [
      { name: "why", label: "Why? (optional)", required: false, help: "Your colleagues read it in the log of changes." },
      { name: "by", label: "Your name", value: rememberedName(), required: true, help: "This browser remembers it." },
    ],
  });
  if (!given) return;
  remember(given.by);
  try {
    say((await post("golden-paths/confirm", { path_id: pathId, step_id: step, ...given })).text);
  } catch (problem) {
    say(`${problem.message} ${problem.remedy ?? ""}`);
  }
  onChange();
}
