// One trigger: its figures, its rule in words, and its toast as users see it.

import { at, get } from "../api.js";
import { h, replace } from "../dom.js";
import { href } from "../router.js";
import { empty, loadInto } from "../states.js";
import { conditionsOf, toastsPanel } from "../trigger_parts.js";
import { pauseButton, pausedNote } from "./trigger_pause.js";
import { PERIODS, resultPanels, stateText, stateTone, variantsPanel } from "./trigger_results.js";

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
    return [ruleOf(trigger), toastsPanel(trigger.toasts, signal)];
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

function fact(name, texts) {
  return h("div", null, h("dt", { class: "soft small" }, name), texts.filter(Boolean).map((text) => h("dd", null, text)));
}
