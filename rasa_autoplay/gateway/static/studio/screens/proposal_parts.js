// Parts of the screen Proposals that its list and its details share.

import { h } from "../dom.js";
import { duration, number, plural } from "../format.js";

/** The stages in order, with their words. */
export const STAGES = [
  ["draft", "Draft"],
  ["ghost", "Ghost"],
  ["5%", "5 %"],
  ["live", "Live"],
  ["rejected", "Rejected"],
];

/** The kinds of findings, in words. */
export const KINDS = {
  repetition: "Repetition",
  detour: "Detour",
  stall: "Stall",
  unused_feature: "Undiscovered feature",
  workflow: "Workflow",
};

const TONES = { ghost: "tag-blue", "5%": "tag-blue", live: "tag-green", rejected: "tag-red" };

/** A stage as a pill. */
export function stageTag(stage) {
  return h("span", { class: `tag ${TONES[stage] ?? "tag-grey"}` }, new Map(STAGES).get(stage) ?? stage);
}

/** What a proposal costs users. */
export function costOf({ cost_s: cost, users, sessions, times, extra_acts: acts, extra_s: seconds }) {
  const each = [acts > 0 && plural(Math.round(acts), "act"), seconds > 0 && duration(seconds)].filter(Boolean);
  return [
    fact("Cost to users", Number.isFinite(cost) ? `${duration(cost)} a week` : "not known"),
    fact("Users", number(users), `in ${plural(sessions, "session")}, ${plural(times, "time")}`),
    fact("Each time", each.length > 0 ? `${each.join(", ")} more` : "nothing"),
  ];
}

/** A term and what it is. */
export function fact(name, value, more) {
  return h("div", null, h("dt", { class: "soft small" }, name), h("dd", null, value, more && h("span", { class: "soft small" }, ` ${more}`)));
}

/** `0.36` */
export function twoDigits(n) {
  return number(Math.round(n * 100) / 100);
}
