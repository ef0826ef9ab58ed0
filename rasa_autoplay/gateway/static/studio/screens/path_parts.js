// Parts of the screen Golden paths that its cards and its details share.

import { h } from "../dom.js";
import { ago, number, percent, plural } from "../format.js";

const HEALTH = {
  found: ["on the page", "tag-green"],
  missing: ["missing", "tag-red"],
  invalid: ["not a selector", "tag-red"],
  unknown: ["not seen yet", "tag-grey"],
};

/** Users who mastered, began or never tried a path, as one bar with a legend. */
export function usersBar({ mastered, began, never }) {
  const total = mastered + began + never;
  const parts = [
    ["mastered it", mastered, "mastered"],
    ["began it", began, "began"],
    ["never tried it", never, "never"],
  ];
  return h(
    "div",
    { class: "users" },
    h("div", { class: "users-bar", "aria-hidden": "true" }, parts.map(([, count, kind]) => count > 0 && h("span", { class: `users-${kind}`, style: { "flex-grow": count } }))),
    h(
      "ul",
      { class: "users-legend" },
      parts.map(([label, count, kind]) => h("li", null, h("span", { class: `dot users-${kind}`, "aria-hidden": "true" }), h("b", null, number(count)), ` ${label}`, total > 0 && h("span", { class: "soft" }, ` ${percent(count / total)}`))),
    ),
  );
}

/** Which share of those who tried the path did a step. */
export function shareBar({ share }) {
  return h("span", { class: "bar-track", "aria-hidden": "true" }, h("span", { class: "bar", style: { "inline-size": `${(share ?? 0) * 100}%` } }));
}

/** Whether the element of a step is still on the page. `onlyProblems`: nothing if all is well. */
export function healthTag({ health }, onlyProblems = false) {
  if (!health || (onlyProblems && !["missing", "invalid"].includes(health.state))) return null;
  const [word, tone] = HEALTH[health.state] ?? [health.state, ""];
  return h("span", { class: `tag ${tone}` }, word);
}

/** When and where it was last missing, in words. */
export function healthText({ element, health }) {
  if (!element) return h("span", { class: "soft" }, "Only in the chat");
  if (!health.at) return healthTag({ health });
  const where = health.page && [" on ", h("code", null, health.page)];
  const again = health.state === "found" ? " Users have done the step since." : "";
  return [healthTag({ health }), h("span", { class: "soft small" }, " Last seen missing ", ago(health.at), where, `, ${plural(health.times, "report")}.${again}`)];
}
