// Parts of a trigger that several screens show: its rule in words, and its toast as users see it.

import { h, replace } from "./dom.js";
import { percent } from "./format.js";
import { stage } from "./stage.js";
import { empty } from "./states.js";

const STAGES = [
  { title: "Light" },
  { title: "Dark", theme: "dark" },
  { title: "On a phone", width: 375 },
  { title: "Right to left", dir: "rtl" },
];

/** The conditions of a rule, in words. */
export function conditionsOf(conditions) {
  return h(
    "ul",
    { class: "conditions" },
    conditions.map(({ text, parts = [] }) => h("li", null, h("span", null, text.charAt(0).toUpperCase() + text.slice(1), parts.length > 0 && ":"), parts.length > 0 && conditionsOf(parts))),
  );
}

/** A panel with the toast of each variant of a trigger; `toasts` as the API gives them. */
export function toastsPanel(toasts, signal) {
  const panel = h("section", { class: "card panel" });
  const stages = h("div", { class: "stages" });
  const note = h("div");
  const choose = (chosen) => {
    const isKnown = Boolean(chosen.toast);
    replace(note, noteOf(chosen));
    stages.hidden = !isKnown;
    if (!isKnown) return;
    if (!stages.children.length) replace(stages, STAGES.map((options) => stage({ ...options, signal })));
    for (const each of stages.children) each.show({ kind: "toast", toast: chosen.toast });
  };
  replace(panel, h("h2", null, "The toast as users see it"), toasts.length > 1 && variantSelect(toasts, choose), note, stages);
  choose(toasts[0]);
  return panel;
}

function noteOf({ toast, is_sample: isSample }) {
  if (!toast) return empty("Its text is written when it fires.", "Python code writes it, so there is nothing to preview. Open a session in which it fired to read it.");
  const tours = toast.tours.length ? "" : " Here it offers no tour.";
  return isSample ? h("p", { class: "soft" }, `The names in its text are examples.${tours}`) : tours && h("p", { class: "soft" }, tours);
}

function variantSelect(toasts, choose) {
  const options = toasts.map(({ variant, share }, index) => h("option", { value: index }, `${variant} (${percent(share)} of the users)`));
  return h("label", { class: "variant" }, "Variant ", h("select", { class: "select", onchange: ({ target }) => choose(toasts[target.value]) }, options));
}
