// Pauses and resumes triggers, as `rasa-autoplay pause` and `resume` do.

import { post } from "../api.js";
import { h } from "../dom.js";
import { ago } from "../format.js";
import { say } from "../notice.js";
import { askWho, attempt } from "../operators.js";

/** The button that pauses a trigger, or all of them (id ""), or ends the pause. `paused` is the pause in force. */
export function pauseButton({ triggerId, paused, onChange }) {
  const what = triggerId || "all triggers";
  const action = paused ? "resume" : "pause";
  const verb = paused ? "Resume" : "Pause";
  const label = triggerId ? verb : `${verb} all`;
  return h("button", { type: "button", class: "button", onclick: () => change({ action, verb, what, triggerId, onChange }) }, label);
}

async function change({ action, verb, what, triggerId, onChange }) {
  const isPause = action === "pause";
  const given = await askWho({
    title: `${verb} ${what}?`,
    text: isPause
      ? "It makes no offers until somebody resumes it, and offers that wait for a browser are withdrawn. A toast that is on a page stays there."
      : "It makes offers again, within a second.",
    confirm: verb,
    why: isPause ? "needed" : "optional",
  });
  if (!given) return;
  await attempt(async () => {
    const { has_changed: hasChanged } = await post("pauses", { action, trigger_id: triggerId, ...given });
    say(hasChanged ? `${isPause ? "Paused" : "Resumed"} ${what}.` : "Nothing has changed: somebody was faster.");
  });
  onChange();
}

/** Who paused it, when, and why. */
export function pausedNote({ who, at, why }, what = "It is paused") {
  return h("p", { class: "warning", role: "note" }, `${what}: `, h("b", null, who), ", ", ago(at), `, because “${why}”.`);
}
