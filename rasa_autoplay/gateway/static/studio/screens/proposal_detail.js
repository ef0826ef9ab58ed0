// One proposal: why it is proposed, how far it has come, and the steps that a person can take.

import { at, get } from "../api.js";
import { bars } from "../charts.js";
import { h, replace } from "../dom.js";
import { ago, duration, number, percent, plural } from "../format.js";
import { href } from "../router.js";
import { empty, loadInto } from "../states.js";
import { KINDS, STAGES, costOf, stageTag, twoDigits } from "./proposal_parts.js";
import { changePanel, stepButtons } from "./proposal_steps.js";
import { conditionsOf, toastsPanel } from "../trigger_parts.js";

const VERDICTS = {
  recommended: "The back-test recommends it",
  uncertain: "The back-test is not certain",
  not_recommended: "The back-test speaks against it",
  not_tested: "Not tested",
};

export async function showProposal(root, route, signal) {
  const body = h("div", { class: "stack" });
  replace(root, h("a", { class: "back", href: href("proposals") }, "All proposals"), h("h1", null, route.id), body);
  const load = () =>
    loadInto(
      body,
      async () => {
        const proposal = await get(at`proposals/${route.id}`, null, { signal });
        root.querySelector("h1").textContent = proposal.title || proposal.id;
        return partsOf(proposal, route, load, signal);
      },
      signal,
    );
  await load();
}

function partsOf(proposal, route, load, signal) {
  return [
    proposal.problem && h("p", { class: "warning", role: "note" }, `Its evidence.json cannot be shown: ${proposal.problem}`),
    h("div", { class: "title-row" }, stageTag(proposal.stage), h("span", { class: "soft small" }, KINDS[proposal.kind] ?? proposal.kind), h("code", null, proposal.id)),
    panel("From draft to live", track(proposal), nextOf(proposal), stepButtons(proposal, load)),
    panel("What it costs", h("dl", { class: "path-facts" }, costOf(proposal)), pageOf(proposal)),
    h("div", { class: "panels" }, wayPanel("The slow way", proposal.slow_way), wayPanel("The fast way", proposal.fast_way)),
    panel("Back-test on days that were not used to find it", backtestOf(proposal)),
    h("div", { class: "panels" }, panel("It fires when", conditionsOf(proposal.rule)), panel("Overlap with your triggers", overlapOf(proposal))),
    proposal.toasts.length > 0 && toastsPanel(proposal.toasts, signal),
    changePanel(proposal, route),
    panel("Example sessions", examplesOf(proposal)),
    panel("Steps so far", logOf(proposal)),
  ];
}

function panel(heading, ...content) {
  return h("section", { class: "card panel" }, h("h2", null, heading), content);
}

function track({ stage, log }) {
  const place = stage === "rejected" ? log.at(-1)?.before : stage;
  return h(
    "ol",
    { class: "track", "aria-label": "Stages" },
    STAGES.slice(0, 4).map(([name, label]) => h("li", { class: name === place && (stage === "rejected" ? "stopped" : "here"), "aria-current": name === stage && "step" }, label)),
  );
}

function nextOf({ next, reasons, checks, figures }) {
  return [
    h("p", null, h("b", null, next)),
    reasons.length > 0 && h("ul", { class: "conditions" }, reasons.map((text) => h("li", null, text))),
    checks.length > 0 &&
      shares(
        "What the next step needs",
        checks.map(({ text, has, needs, is_met: isMet }) => ({ label: text, value: isMet ? 1 : has / needs, text: isMet ? `${number(has)}, enough` : `${number(has)} of ${number(needs)}`, tone: isMet ? "" : "grey" })),
      ),
    figures.map((text) => h("p", { class: "soft small after" }, text)),
  ];
}

function pageOf({ page }) {
  return page && h("p", { class: "soft after" }, "On ", h("code", null, page));
}

function wayPanel(heading, acts) {
  return panel(heading, acts.length ? h("ol", { class: "way" }, acts.map((act) => h("li", null, act))) : h("p", { class: "soft" }, "No session shows one."));
}

function backtestOf({ backtest, verdict, near_misses: near }) {
  const said = verdict && h("p", null, h("b", null, VERDICTS[verdict.kind] ?? verdict.kind, ". "), verdict.reason, " ", verdict.change);
  if (!backtest) return [said, empty("There is no back-test.", "The recordings have too few days and users to hold some out. Record for longer, and run discover again.")];
  const { fires, users, fires_per_user_day: rate, days } = backtest;
  const found = [
    ["The user went on the slow way", backtest.went_on],
    ["They found the fast way themselves within 2 minutes: noise", backtest.found, "red"],
    ["Neither", backtest.neither, "grey"],
  ].filter(([, share]) => share);
  return [
    said,
    h("p", { class: "after" }, `On ${plural(days, "day")}, it would have fired ${plural(fires, "time")} for ${plural(users, "user")}: ${twoDigits(rate)} per user and day.`),
    found.length > 0 && shares("What users did after a fire", found.map(([label, { share, low, high }, tone]) => ({ label, value: share, text: `${percent(share)} (${percent(low)} to ${percent(high)})`, tone }))),
    near?.sessions > 0 && [
      h("h3", { class: "after" }, `Near misses in ${number(near.sessions)} of ${plural(near.sessions_examined, "session")} without a fire`),
      shares("What was missing", Object.entries(near.missing).map(([label, value]) => ({ label, value: value / near.sessions, text: plural(value, "session") }))),
    ],
  ];
}

function overlapOf({ overlap, not_compared: others }) {
  return [
    overlap.length > 0
      ? shares("Share of its fires at which another trigger fires, too", overlap.map(({ trigger_id: id, share }) => ({ label: h("a", { href: href("triggers", id) }, id), value: share, text: percent(share) })))
      : h("p", { class: "soft" }, "No trigger of autoplay.yml would have fired at the same moments."),
    others.length > 0 && h("p", { class: "soft small after" }, `Not compared, because code decides: ${others.join(", ")}.`),
  ];
}

/** Bars of which a whole one is 100 %, each below its label. */
function shares(label, rows) {
  return h("div", { class: "losses" }, bars({ rows, label, most: 1 }));
}

function examplesOf({ examples }) {
  if (!examples.length) return h("p", { class: "soft" }, "None.");
  return [
    h("p", { class: "soft" }, "Names hold here only, and texts are masked. What belongs to the slow way is bold."),
    h("div", { class: "panels after" }, examples.map(exampleOf)),
  ];
}

function exampleOf({ name, duration_s: took, acts, left_out: leftOut }) {
  return h(
    "details",
    null,
    h("summary", null, name, h("span", { class: "soft small" }, ` ${duration(took)}`)),
    h("ol", { class: "acts" }, acts.map(({ at_s: when, act, page, is_slow_way: isSlow }) => h("li", { class: isSlow && "strong" }, act, h("span", { class: "soft small" }, ` ${duration(when)}`, page && [" on ", h("code", null, page)])))),
    leftOut > 0 && h("p", { class: "soft small" }, `${plural(leftOut, "act")} between them are left out.`),
  );
}

function logOf({ log }) {
  if (!log.length) return h("p", { class: "soft" }, "None. Colleagues read each step here and in the log of changes.");
  return h("ol", { class: "log" }, log.toReversed().map(({ at: when, text, who, why }) => h("li", null, h("b", null, text), h("div", { class: "soft small" }, who && `${who}, `, ago(when)), why && h("div", null, `“${why}”`))));
}
