// A few figures, computed from the projects as they are now.

import { element, svg } from "./dom.js";
import { avatar, dueWords, priorityLabel } from "./project_row.js";
import { allProjects, daysUntil, OWNERS, PRIORITIES, shortDate, STATUSES } from "./store.js";

const DUE_NEXT = 5;
const slug = (text) => text.toLowerCase().replaceAll(" ", "-");

/** The page, new each time that it is shown. */
export function dashboardPage() {
  const projects = allProjects();
  const pressing = projects.filter((project) => ["High", "Urgent"].includes(project.priority)).length;
  const soon = projects.filter((project) => daysUntil(project.due) <= 7).length;
  const atRisk = projects.filter((project) => project.status === "At risk").length;
  const progress = Math.round(projects.reduce((sum, project) => sum + project.progress, 0) / projects.length);

  return element(
    "section",
    { class: "page", "aria-labelledby": "page-title" },
    element(
      "div",
      { class: "page-head" },
      element("h1", { id: "page-title" }, "Dashboard"),
      element("p", { class: "page-note" }, "All projects, as of now"),
    ),
    element(
      "dl",
      { class: "tiles" },
      tile("Open projects", projects.length, `${progress}% done on average`),
      tile("High or urgent", pressing, `of ${projects.length}`),
      tile("Due within a week", soon, soon ? "see below" : "nothing presses"),
      tile("At risk", atRisk, atRisk ? "needs a look" : "all is well"),
    ),
    element(
      "div",
      { class: "panels" },
      panel("By priority", bars([...PRIORITIES].reverse(), (name) => projects.filter((p) => p.priority === name).length)),
      panel("By status", donut(STATUSES.map((name) => [name, projects.filter((p) => p.status === name).length]))),
      panel("Due next", dueNext(projects)),
      panel("Who has what", workload(projects)),
    ),
  );
}

function tile(name, value, note) {
  return element(
    "div",
    { class: "card tile" },
    element("dt", {}, name),
    element("dd", {}, element("span", { class: "tile-value" }, String(value)), element("span", { class: "tile-note" }, note)),
  );
}

function panel(title, content) {
  return element("section", { class: "card panel" }, element("h2", {}, title), content);
}

/** Horizontal bars; each says its number. */
function bars(names, countOf) {
  const most = Math.max(1, ...names.map(countOf));
  const line = (name) =>
    element(
      "li",
      {},
      priorityLabel(name),
      element("span", { class: "track", "aria-hidden": "true" }, bar(slug(name), countOf(name) / most)),
      element("span", { class: "number" }, String(countOf(name))),
    );
  return element("ul", { class: "bars" }, ...names.map(line));
}

function bar(kind, share) {
  const node = element("span", { class: `bar bar-${kind}` });
  node.style.setProperty("--share", String(share));
  return node;
}

/** A ring whose legend says the numbers. */
function donut(parts) {
  const radius = 42;
  const around = 2 * Math.PI * radius;
  const total = parts.reduce((sum, [, count]) => sum + count, 0);
  let before = 0;
  const arcs = parts.filter(([, count]) => count > 0).map(([name, count]) => {
    const gap = 2.5;
    const length = (count / total) * around;
    const dashes = `${Math.max(0, length - gap)} ${around - length + gap}`;
    const arc = svg("circle", {
      class: `arc arc-${slug(name)}`, cx: 60, cy: 60, r: radius, "stroke-dasharray": dashes, "stroke-dashoffset": -before,
    });
    before += length;
    return arc;
  });
  const ring = svg(
    "svg",
    { class: "donut", viewBox: "0 0 120 120", "aria-hidden": "true" },
    svg("g", { transform: "rotate(-90 60 60)" }, ...arcs),
    svg("text", { x: 60, y: 59, class: "donut-number" }, String(total)),
    svg("text", { x: 60, y: 76, class: "donut-word" }, "projects"),
  );
  const legend = parts.map(([name, count]) =>
    element(
      "li",
      {},
      element("span", { class: `swatch swatch-${slug(name)}`, "aria-hidden": "true" }),
      name,
      element("span", { class: "number" }, String(count)),
    ),
  );
  return element("div", { class: "donut-row" }, ring, element("ul", { class: "legend" }, ...legend));
}

function dueNext(projects) {
  const next = [...projects].sort((a, b) => a.due - b.due).slice(0, DUE_NEXT);
  const line = (project) =>
    element(
      "li",
      {},
      element("span", { class: "due-name" }, project.name),
      priorityLabel(project.priority),
      element("span", { class: "due-when" }, shortDate(project.due), element("span", {}, dueWords(project.due))),
    );
  return element("ul", { class: "due-list" }, ...next.map(line));
}

function workload(projects) {
  const countOf = (owner) => projects.filter((project) => project.owner === owner).length;
  const most = Math.max(1, ...OWNERS.map(countOf));
  const line = (owner) =>
    element(
      "li",
      {},
      element("span", { class: "workload-who" }, avatar(owner), owner),
      element("span", { class: "track", "aria-hidden": "true" }, bar("owner", countOf(owner) / most)),
      element("span", { class: "number" }, String(countOf(owner))),
    );
  return element("ul", { class: "bars" }, ...OWNERS.map(line));
}
