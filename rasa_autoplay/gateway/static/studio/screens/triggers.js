// Screen Triggers: all triggers with what they achieve, and each one in detail.

import { get } from "../api.js";
import { h, replace, useStyles } from "../dom.js";
import { ago, plural } from "../format.js";
import { go, href } from "../router.js";
import { empty, loadInto } from "../states.js";
import { table } from "../table.js";
import { showDetail } from "./trigger_detail.js";
import { pauseButton, pausedNote } from "./trigger_pause.js";
import { FIGURES, PERIODS, stateText, stateTone } from "./trigger_results.js";

export const title = "Triggers";

const EVERY = "";

export async function show(root, route, signal) {
  await Promise.all([useStyles("views"), useStyles("triggers")]);
  if (route.id) return showDetail(root, route, signal);
  const since = route.params.get("since") ?? "30d";
  const [notes, list] = [h("div", { class: "stack" }), h("section", { class: "card panel" })];
  const everything = h("div", { class: "actions" });
  const draw = () =>
    loadInto(
      list,
      async () => {
        const found = await get("triggers", null, { signal });
        replace(notes, notesOf(found, draw));
        replace(everything, periodSelect(since), pauseButton({ triggerId: EVERY, paused: found.paused_all, onChange: draw }));
        if (!found.triggers.length) return empty("No triggers yet.", "Write the first one under triggers: in autoplay.yml.", h("a", { class: "button", href: href("rules") }, "Open Rules"));
        return listOf(found, since, signal);
      },
      signal,
    );
  replace(root, h("div", { class: "page-head" }, h("h1", null, "Triggers"), everything), notes, list);
  await draw();
}

function notesOf({ paused_all: all, paused_unknown: unknown, holdout }, draw) {
  return [
    all && pausedNote(all, "All triggers are paused"),
    unknown.map((pause) => h("div", { class: "note-row" }, pausedNote(pause, `${pause.trigger_id} is paused, but autoplay.yml no longer has it`), pauseButton({ triggerId: pause.trigger_id, paused: pause, onChange: draw }))),
    holdout && h("p", { class: "soft" }, holdout),
  ];
}

/** The table; its figures follow, because reading them can take a while. */
function listOf({ triggers, paused_all: all }, since, signal) {
  const rowsOf = (results) => triggers.flatMap((trigger) => withResults({ ...trigger, paused: trigger.paused ?? all }, results));
  const shown = table({ columns: COLUMNS, rows: rowsOf([]), caption: `${plural(triggers.length, "trigger")} in order of priority`, rowAttributes: ({ trigger_id: id }) => ({ dataset: { trigger: id } }) });
  const asOf = h("div");
  const fill = async () => {
    const results = await get("results", { since }, { signal });
    shown.update(rowsOf(results.triggers));
    return h("p", { class: "soft small after" }, "Figures as of ", ago(results.at), ".");
  };
  loadInto(asOf, fill, signal);
  return [shown, asOf];
}

/** A row for each variant that has figures, or one for the trigger. */
function withResults(trigger, results) {
  const own = results.filter(({ trigger_id: id }) => id === trigger.trigger_id);
  return (own.length ? own : [{ variant: "", funnel: {}, verdict: "" }]).map((result) => ({ ...trigger, ...result }));
}

const COLUMNS = [
  {
    title: "Trigger",
    value: ({ trigger_id: id, variant }) => (variant ? `${id}, ${variant}` : id),
    cell: ({ trigger_id: id, variant, golden_path: path }) => [
      h("a", { class: "strong", href: href("triggers", id) }, id),
      variant && h("span", { class: "soft small" }, ` variant ${variant}`),
      path && h("div", { class: "soft small" }, path.title),
    ],
  },
  { title: "State", value: stateText, cell: (trigger) => h("span", { class: `tag ${stateTone(trigger)}` }, stateText(trigger)) },
  ...FIGURES,
];

function periodSelect(since) {
  const options = PERIODS.map(([value, label]) => h("option", { value, selected: value === since }, label));
  const change = ({ target }) => go("triggers", "", { since: target.value });
  return h("label", { class: "period" }, h("span", { class: "visually-hidden" }, "Period"), h("select", { class: "select", onchange: change }, options));
}
