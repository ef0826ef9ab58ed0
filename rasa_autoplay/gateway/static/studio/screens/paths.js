// Screen Golden paths: the workflows, who has mastered them, and whether their elements are still on the page.

import { get } from "../api.js";
import { h, replace, useStyles } from "../dom.js";
import { ago, duration, number, percent, plural } from "../format.js";
import { href } from "../router.js";
import { empty, loadInto } from "../states.js";
import { showDetail } from "./path_detail.js";
import { healthTag, shareBar, usersBar } from "./path_parts.js";
import { recordButton } from "./record_path.js";

export const title = "Golden paths";

export async function show(root, route, signal) {
  await Promise.all([useStyles("views"), useStyles("paths")]);
  if (route.id) return showDetail(root, route, signal);
  const list = h("div", { class: "path-cards" });
  const about = h("p", { class: "soft" });
  replace(root, h("div", { class: "page-head" }, h("h1", null, "Golden paths"), recordButton("Record a path")), about, list);
  await loadInto(
    list,
    async () => {
      const found = await get("golden-paths", null, { signal });
      replace(about, aboutOf(found));
      if (!found.paths.length) return empty("No golden paths yet.", "Record one in your app, or write it in the folder that golden_paths: of autoplay.yml names.");
      return found.paths.map(cardOf);
    },
    signal,
  );
}

/** On how much the figures rest. */
export function aboutOf({ users_known: users, sessions, is_partial: isPartial, at }) {
  return [`From ${isPartial ? "the newest " : ""}${plural(sessions, "stored session")} of ${plural(users, "user")}, counted `, ago(at), "."];
}

function cardOf(path) {
  const { path_id: id, title: name, description, users, steps, missed_most: missed, suspects = [] } = path;
  const isSuspect = (step) => suspects.some((each) => each.step === step.id);
  return h(
    "article",
    { class: "card panel path-card", dataset: { path: id } },
    h("h2", null, h("a", { href: href("paths", id) }, name)),
    description && h("p", { class: "soft" }, description),
    usersBar(users),
    h(
      "ol",
      { class: "path-steps" },
      steps.map((step) => h("li", null, h("span", { class: "step-title" }, step.title, isSuspect(step) ? h("span", { class: "tag tag-red" }, "suspect") : healthTag(step, true)), shareBar(step), h("span", { class: "bar-value" }, step.is_tracked ? percent(step.share) : "not tracked"))),
    ),
    h("dl", { class: "path-facts" }, factOf("Missed most", missed ? `${missed.title} (${plural(missed.users, "user")})` : "No step stands out"), factOf("Median time", medianText(path))),
  );
}

function factOf(name, value) {
  return h("div", null, h("dt", { class: "soft small" }, name), h("dd", null, value));
}

/** `8 s, of 163 completions`. */
export function medianText({ median_s: median, timed }) {
  return median === null ? "Nobody has completed it yet" : `${duration(median)}, of ${number(timed)} ${timed === 1 ? "completion" : "completions"}`;
}
