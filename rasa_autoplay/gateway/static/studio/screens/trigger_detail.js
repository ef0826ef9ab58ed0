// One trigger: its figures, its rule in words, and its toast as users see it.

import { at, get } from "../api.js";
import { h, replace } from "../dom.js";
import { percent } from "../format.js";
import { href } from "../router.js";
import { stage } from "../stage.js";
import { empty, loadInto } from "../states.js";
import { pauseButton, pausedNote } from "./trigger_pause.js";
import { PERIODS, resultPanels, stateText, stateTone, variantsPanel } from "./trigger_results.js";

const STAGES = [
  { title: "Light" },
  { title: "Dark", theme: "dark" },
  { title: "On a phone", width: 375 },
  { title: "Right to left", dir: "rtl" },
];

export async function showDetail(root, route, signal) {
  const since = route.params.get("since") ?? "30d";
  const [head, body, figures] = [h("div", { class: "stack" }), h("div", { class: "stack" }), h("div", { class: "stack" })];
  replace(root, h("a", { class: "back", href: href("triggers") }, "All triggers"), head, figures, body);
  const drawHead = async () => {
    const trigger = await get(at`triggers/${route.id}`, null, { signal });
    replace(head, headOf(trigger, since, drawHead));
    return trigger;
  };
  replace(head, h("h1", null, route.id));
  const load = async () => {
    const trigger = await drawHead();
    loadInto(figures, () => figuresOf(trigger.trigger_id, since, signal), signal);
    return [ruleOf(trigger), toastsOf(trigger, signal)];
  };
  await loadInto(body, load, signal);
}

function headOf(trigger, since, draw) {
  const { trigger_id: id, paused, paused_all: all, golden_path: path } = trigger;
  const shown = { ...trigger, paused: paused ?? all };
  return [
    h(
      "div",
      { class: "page-head" },
      h("div", { class: "title-row" }, h("h1", null, id), h("span", { class: `tag ${stateTone(shown)}` }, stateText(shown))),
      h("div", { class: "actions" }, h("a", { class: "button", href: href("rules", id) }, "Change the rule"), pauseButton({ triggerId: id, paused, onChange: draw })),
    ),
    paused && pausedNote(paused),
    all && pausedNote(all, "All triggers are paused"),
    path && h("p", { class: "soft" }, "It explains ", h("a", { href: href("paths", path.id) }, path.title), "."),
    h(
      "nav",
      { class: "periods", "aria-label": "Period" },
      PERIODS.map(([value, label]) => h("a", { href: href("triggers", id, { since: value }), "aria-current": value === since && "true" }, label)),
    ),
  ];
}

async function figuresOf(id, since, signal) {
  const { triggers } = await get("results", { since, trigger: id }, { signal });
  if (!triggers.length) return h("section", { class: "card panel" }, empty("It has not fired in this period.", "Choose a longer period above. Open Now to see which gates keep it silent."));
  return [triggers.length > 1 && variantsPanel(triggers), triggers.map(resultPanels)];
}

function ruleOf({ rule, kind, goal, rollout, holdout, limits }) {
  return h(
    "div",
    { class: "panels" },
    h("section", { class: "card panel" }, h("h2", null, kind === "rule" || rule.length > 1 ? "It fires when all of these hold" : "It fires when"), conditionsOf(rule)),
    h(
      "section",
      { class: "card panel" },
      h("h2", null, "For whom, how often, and what for"),
      h("dl", { class: "facts" }, fact("Users", [rollout, holdout]), fact("Goal", [goal]), fact("Limits", limits)),
    ),
  );
}

function conditionsOf(conditions) {
  return h(
    "ul",
    { class: "conditions" },
    conditions.map(({ text, parts = [] }) => h("li", null, h("span", null, text.charAt(0).toUpperCase() + text.slice(1), parts.length > 0 && ":"), parts.length > 0 && conditionsOf(parts))),
  );
}

function fact(name, texts) {
  return h("div", null, h("dt", { class: "soft small" }, name), texts.filter(Boolean).map((text) => h("dd", null, text)));
}

function toastsOf({ toasts }, signal) {
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
