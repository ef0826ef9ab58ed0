// What a trigger achieves, from the answer of `results`.

import { bars, funnelChart, intervalChart, picture } from "../charts.js";
import { h, svg } from "../dom.js";
import { ago, number, percent, plural } from "../format.js";
import { empty } from "../states.js";
import { table } from "../table.js";

export const PERIODS = [
  ["7d", "Last 7 days"],
  ["30d", "Last 30 days"],
  ["90d", "Last 90 days"],
  ["3650d", "All time"],
];

/** A word for each verdict, and its tone. */
export const VERDICTS = {
  helps: ["It helps", "tag-green"],
  hinders: ["It hinders", "tag-red"],
  unclear: ["Not known yet", "tag-grey"],
  no_difference: ["Hardly any difference", "tag-grey"],
  too_few_users: ["Not known yet", "tag-grey"],
  untrustworthy: ["Do not trust this", "tag-red"],
  no_comparison: ["No comparison", "tag-grey"],
};


/** What the trigger does now, in a word or two. */
export function stateText({ paused, state, share }) {
  if (paused) return "Paused";
  if (state !== "live") return state === "off" ? "Off" : "Ghost";
  return share < 1 ? `Live for ${percent(share)}` : "Live";
}

export function stateTone({ paused, state }) {
  if (paused) return "tag-red";
  return state === "live" ? "tag-green" : "tag-grey";
}

const TONES = { stopped: "grey", waiting: "grey", chance: "grey", unseen: "grey", unanswered: "grey", refused: "red", tour: "red" };

/** `+4 points`, `-0.5 points`. */
export function points(difference) {
  const text = signed(difference);
  return `${text} ${/^[+-]?1$/.test(text) ? "point" : "points"}`;
}

function signed(difference) {
  const rounded = Math.round(difference * 1000) / 10;
  return `${rounded > 0 ? "+" : ""}${rounded || 0}`;
}

export function differenceText({ difference, low }) {
  return low === null ? "too few users" : points(difference);
}

/** An interval as a small picture beside its text. */
export function plot({ difference, low, high }) {
  if (low === null) return null;
  const reach = Math.max(Math.abs(low), Math.abs(high), 0.001) * 1.1;
  const x = (value) => 45 + (value / reach) * 43;
  const tone = low > 0 ? "good" : high < 0 ? "bad" : "open";
  return picture(
    `interval interval-${tone}`,
    90,
    18,
    "",
    svg("line", { class: "axis", x1: 45, x2: 45, y1: 1, y2: 17 }),
    svg("line", { class: "span", x1: x(low), x2: x(high), y1: 9, y2: 9 }),
    svg("circle", { class: "dot", cx: x(difference), cy: 9, r: 4 }),
  );
}

/** The columns that the list of triggers and the table of variants share. */
export const FIGURES = [
  { title: "Fired", align: "end", value: ({ funnel }) => funnel.fired, cell: ({ funnel }) => number(funnel.fired) },
  { title: "Seen", align: "end", value: ({ funnel }) => funnel.seen, cell: ({ funnel }) => number(funnel.seen) },
  { title: "Accepted", align: "end", value: ofSeen("accepted"), cell: (row) => percent(ofSeen("accepted")(row)) },
  { title: "Refused", align: "end", value: refused, cell: (row) => percent(refused(row)) },
  {
    title: "Uplift",
    align: "end",
    value: ({ comparison }) => comparison?.goal.difference,
    cell: ({ comparison }) => comparison && h("div", { class: "uplift" }, plot(comparison.goal), h("span", null, differenceText(comparison.goal))),
  },
  { title: "Does it help?", value: ({ verdict }) => VERDICTS[verdict]?.[0] ?? "", cell: ({ verdict }) => verdict && h("span", { class: `tag ${VERDICTS[verdict]?.[1] ?? ""}` }, VERDICTS[verdict]?.[0] ?? verdict) },
];

function ofSeen(name) {
  return ({ funnel }) => (funnel.seen ? funnel[name] / funnel.seen : undefined);
}

/** The share of those who saw it that closed it, or chose "Later" or "Don't show again". */
function refused({ harm }) {
  return harm?.seen ? harm.dismissed_share + harm.never_share : undefined;
}

/** The variants of a trigger side by side. */
export function variantsPanel(results) {
  const columns = [{ title: "Variant", value: ({ variant }) => variant || "none" }, ...FIGURES];
  return h("section", { class: "card panel" }, h("h2", null, "Variants"), table({ columns, rows: results, caption: "Chance gives each user one of them" }));
}

/** All panels of one result: a trigger, or one variant of it. */
export function resultPanels(result) {
  const name = result.variant ? `, variant ${result.variant}` : "";
  return h(
    "div",
    { class: "stack" },
    h("section", { class: "card panel" }, h("h2", null, `Does it help?${name && ` ${name.slice(2)}`}`), helpOf(result)),
    h(
      "div",
      { class: "panels" },
      h("section", { class: "card panel" }, h("h2", null, `Funnel${name}`), funnelOf(result)),
      h("section", { class: "card panel" }, h("h2", null, `Where offers get lost${name}`), lossesOf(result)),
    ),
  );
}

function helpOf({ verdict, answer, comparison, harm, goal }) {
  const [word, tone] = VERDICTS[verdict] ?? [verdict, ""];
  return h(
    "div",
    { class: "stack" },
    h("p", null, h("span", { class: `tag ${tone}` }, word), " ", answer),
    comparison?.warnings.map((warning) => h("p", { class: "note" }, warning)),
    comparison && intervalChart({ rows: [intervalRow("Goal", comparison.goal), intervalRow("Failures soon after", comparison.failures, -1)], label: "Difference that the toast makes, in points", format: signed, unit: " points" }),
    comparison && groupsOf(comparison, goal),
    harm.seen > 0 && h("p", { class: "soft" }, `Harm: of ${number(harm.seen)} who saw it, ${percent(harm.dismissed_share)} closed it and ${percent(harm.never_share)} chose “Don’t show again”.`),
  );
}

function intervalRow(label, { difference, low, high }) {
  return { label, low, mid: low === null ? undefined : difference, high };
}

function groupsOf({ goal, since }, text) {
  const rows = [
    { group: "With the toast", ...goal.treated, share: goal.treated_share },
    { group: "Without", ...goal.control, share: goal.control_share },
  ];
  const columns = [
    { title: "Group", value: ({ group }) => group },
    { title: "Users", align: "end", value: ({ users }) => users, cell: ({ users }) => number(users) },
    { title: "Reached the goal", align: "end", value: ({ reached }) => reached, cell: ({ reached }) => number(reached) },
    { title: "Share", align: "end", value: ({ share }) => share, cell: ({ share }) => percent(share) },
  ];
  return h("div", null, table({ columns, rows, caption: `Users who ${text}` }), h("p", { class: "soft small" }, "Counted since ", ago(since), ", by their first decision."));
}

function funnelOf({ funnel }) {
  if (!funnel.fired) return empty("It has not fired in this period.", "Choose a longer period, or open Now to see what stops it.");
  const steps = [
    ["Fired", funnel.fired],
    ["Offered", funnel.offered],
    ["Sent", funnel.sent],
    ["Shown", funnel.rendered],
    ["Seen", funnel.seen],
    ["Accepted", funnel.accepted],
    ["Tour finished", funnel.tour_finished],
  ];
  const reached = funnel.goal_reached.shown ?? 0;
  return [
    funnelChart({ steps: steps.map(([label, value]) => ({ label, value })), label: "Occasions, step by step" }),
    funnel.offered > 0 && h("p", { class: "soft after" }, `After ${number(reached)} of ${plural(funnel.offered, "offer")} (${percent(reached / funnel.offered)}), the user reached the goal in time.`),
  ];
}

function lossesOf({ losses = [] }) {
  if (!losses.length) return empty("Nothing got lost.", "Either every offer helped, or none was made in this period.");
  const rows = losses.map(({ stage, cause, text, count }) => ({
    label: [h("span", null, sentence(text)), h("code", null, cause)],
    value: count,
    tone: TONES[stage],
  }));
  return h("div", { class: "losses" }, bars({ rows, label: "Occasions by cause" }));
}

function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
