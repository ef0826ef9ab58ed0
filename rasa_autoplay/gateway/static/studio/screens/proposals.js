// Screen Proposals: triggers that discovery proposes, each with its evidence, from draft to live.

import { get } from "../api.js";
import { h, replace, useStyles } from "../dom.js";
import { duration, number, percent, plural } from "../format.js";
import { href } from "../router.js";
import { empty, loadInto } from "../states.js";
import { showProposal } from "./proposal_detail.js";
import { KINDS, STAGES, costOf, fact, stageTag, twoDigits } from "./proposal_parts.js";

export const title = "Proposals";

export async function show(root, route, signal) {
  await Promise.all([useStyles("views"), useStyles("proposals")]);
  if (route.id) return showProposal(root, route, signal);
  const chosen = route.params.get("stage") ?? "";
  const [filter, about, list] = [h("div"), h("p", { class: "soft" }), h("div", { class: "stack" })];
  replace(root, h("h1", null, "Proposals"), about, filter, list);
  await loadInto(
    list,
    async () => {
      const found = await get("proposals", null, { signal });
      const { proposals, problems } = found;
      if (!proposals.length && !problems.length) return h("section", { class: "card panel" }, nothingYet(found));
      const stages = new Map([["", "All"], ...STAGES].map(([stage, label]) => [stage, { label, rows: proposals.filter((each) => !stage || each.stage === stage) }]));
      const { rows, label } = stages.get(chosen) ?? stages.get("");
      replace(about, aboutOf(found));
      replace(filter, filterOf(stages, chosen));
      return [
        rows.length ? h("ol", { class: "stack" }, rows.map((row) => cardOf(row, proposals))) : h("section", { class: "card panel" }, empty(`No proposal has the stage ${label}.`, "Choose another stage above.")),
        problems.map(({ name, text }) => h("p", { class: "warning", role: "note" }, h("b", null, `${name} cannot be read: `), text)),
      ];
    },
    signal,
  );
}

function nothingYet({ folder }) {
  return empty("No proposals yet.", ["Run ", h("code", null, `rasa-autoplay discover RECORDINGS --out ${folder}`), " in the folder of autoplay.yml. It finds the slow ways that your users take, and proposes a trigger for each."]);
}

function aboutOf({ proposals, is_automatic: isAutomatic }) {
  const open = proposals.filter(({ stage }) => stage !== "rejected");
  const cost = open.reduce((sum, { cost_s: each }) => sum + (each ?? 0), 0);
  return [
    plural(open.length, "slow way"),
    cost > 0 && `: ${duration(cost)} of users' time a week`,
    ". The dearest come first. ",
    isAutomatic ? "The engine promotes them by the rule." : "Nothing is promoted without you.",
  ];
}

function filterOf(stages, chosen) {
  return h(
    "nav",
    { class: "periods", "aria-label": "Stage" },
    [...stages].map(([stage, { label, rows }]) => h("a", { href: href("proposals", "", { stage }), "aria-current": stage === chosen && "true" }, label, " ", h("span", { class: "count" }, number(rows.length)))),
  );
}

function cardOf(row, all) {
  const most = Math.max(...all.map(({ cost_s: each }) => each ?? 0), 1);
  return h(
    "li",
    { class: "card panel proposal", dataset: { proposal: row.id } },
    h("div", { class: "title-row" }, stageTag(row.stage), h("span", { class: "soft small" }, KINDS[row.kind] ?? row.kind)),
    h("h2", null, h("a", { href: href("proposals", row.id) }, row.title || row.id)),
    h("span", { class: "bar-track", "aria-hidden": "true" }, h("span", { class: "bar", style: { "inline-size": `${((row.cost_s ?? 0) / most) * 100}%` } })),
    h("dl", { class: "path-facts" }, costOf(row), testOf(row)),
    h("p", null, h("b", null, "Next: "), row.next),
  );
}

/** The back-test in short. */
function testOf({ backtest }) {
  if (!backtest) return fact("Back-test", "none");
  const { fires_per_user_day: rate, found_share: noise } = backtest;
  return fact("Back-test", `${twoDigits(rate)} fires per user and day`, Number.isFinite(noise) && `${percent(noise)} would have been noise`);
}
