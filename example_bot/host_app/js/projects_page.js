// The list of projects: one at a time through Edit, many at a time through the ⋯ menu.

import { bulkToolbar } from "./bulk_toolbar.js";
import { confirm } from "./confirmation.js";
import { element, svg } from "./dom.js";
import { editProject } from "./edit_dialog.js";
import { menuOf } from "./menu.js";
import { projectRow } from "./project_row.js";
import { allProjects, daysUntil, PRIORITIES, setPriority, STATUSES } from "./store.js";

const COLUMNS = ["Project", "Status", "Priority", "Owner", "Due", "Edit"];
const SORTS = {
  "Sort by number": (a, b) => a.id.localeCompare(b.id),
  "Sort by due date": (a, b) => a.due - b.due,
  "Sort by priority": (a, b) => PRIORITIES.indexOf(b.priority) - PRIORITIES.indexOf(a.priority) || a.due - b.due,
};
const ANY = "All statuses";

/** The page, new each time that it is shown. */
export function projectsPage() {
  const ticked = new Set();
  let isBulk = false;
  let sort = "Sort by number";

  const rows = new Map(
    allProjects().map((project) => [
      project.id,
      projectRow(project, {
        edit: () => editProject(project, showChanged),
        tick(isTicked) {
          if (isTicked) ticked.add(project.id);
          else ticked.delete(project.id);
          showTicked();
        },
      }),
    ]),
  );

  const toolbar = bulkToolbar({ apply, selectAll, leave: () => setBulk(false) });
  const search = element("input", {
    type: "search", id: "project-search", class: "input", placeholder: "Search", autocomplete: "off", oninput: showRows,
  });
  const status = element(
    "select",
    { id: "status-filter", class: "select", onchange: showRows },
    ...[ANY, ...STATUSES].map((name) => element("option", {}, name)),
  );
  const options = element(
    "button",
    { type: "button", id: "projects-table-options", class: "icon-button icon-button-framed", "aria-label": "Table options" },
    kebab(),
  );
  const tickHead = element("th", { role: "columnheader", scope: "col", class: "cell-tick" }, hidden("Select"));
  const head = element("tr", { role: "row" }, ...COLUMNS.map(columnHead));
  const body = element("tbody", { role: "rowgroup" });
  const empty = element("p", { class: "empty", hidden: true }, "No project is like that.");
  const table = element(
    "table",
    { class: "projects-table", role: "table", "aria-label": "Projects" },
    element("thead", { role: "rowgroup" }, head),
    body,
  );
  const card = element(
    "div",
    { class: "card projects-card" },
    element(
      "div",
      { class: "table-bar" },
      element("label", { class: "search" }, hidden("Search projects"), magnifier(), search),
      element("label", {}, hidden("Status"), status),
      element("div", { class: "menu-anchor" }, options, menuOf(options, menuGroups)),
    ),
    table,
    empty,
  );

  function menuGroups() {
    const sorts = Object.keys(SORTS).map((label) => ({
      label,
      role: "menuitemradio",
      checked: label === sort,
      choose() {
        sort = label;
        showRows();
      },
    }));
    const bulk = {
      id: "projects-bulk-edit-toggle",
      label: "Bulk edit",
      role: "menuitemcheckbox",
      checked: isBulk,
      choose: () => setBulk(!isBulk),
    };
    return [[bulk], sorts];
  }

  function shownProjects() {
    const words = search.value.trim().toLowerCase();
    const fits = (project) =>
      (status.value === ANY || project.status === status.value) &&
      `${project.id} ${project.name} ${project.client} ${project.owner}`.toLowerCase().includes(words);
    return allProjects().filter(fits).sort(SORTS[sort]);
  }

  function showRows() {
    const shown = shownProjects();
    body.replaceChildren(...shown.map((project) => rows.get(project.id).node));
    empty.hidden = shown.length > 0;
    // What is not to be seen must not be changed with the rest.
    const gone = [...ticked].filter((id) => !shown.some((project) => project.id === id));
    for (const id of gone) setTicked(id, false);
    showTicked();
  }

  function setTicked(id, isTicked) {
    rows.get(id).setTicked(isTicked);
    if (isTicked) ticked.add(id);
    else ticked.delete(id);
  }

  function showTicked() {
    toolbar.showCount(ticked.size, body.children.length);
  }

  function setBulk(isOn) {
    const leaving = toolbar.node.contains(document.activeElement);
    isBulk = isOn;
    card.classList.toggle("is-bulk", isOn);
    if (isOn) head.prepend(tickHead);
    else tickHead.remove();
    for (const [id, row] of rows) {
      setTicked(id, false);
      row.setBulk(isOn);
    }
    if (isOn) card.append(toolbar.node);
    else toolbar.node.remove();
    if (leaving) options.focus({ preventScroll: true });
    showTicked();
  }

  function selectAll() {
    for (const project of shownProjects()) setTicked(project.id, true);
    showTicked();
  }

  function apply(priority) {
    const count = ticked.size;
    const changed = setPriority([...ticked], priority);
    setBulk(false);
    showChanged(changed);
    confirm(`${count} ${count === 1 ? "project is" : "projects are"} now ${priority}`);
  }

  function showChanged(changed) {
    for (const project of changed) rows.get(project.id).update();
  }

  showRows();
  return element(
    "section",
    { class: "page", "aria-labelledby": "page-title" },
    element(
      "div",
      { class: "page-head" },
      element("h1", { id: "page-title" }, "Projects"),
      element("p", { class: "page-note" }, summary()),
    ),
    card,
  );
}

function summary() {
  const soon = allProjects().filter((project) => daysUntil(project.due) <= 7).length;
  return `${allProjects().length} open · ${soon} due within a week`;
}

function columnHead(name) {
  const label = name === "Edit" ? hidden(name) : name;
  return element("th", { role: "columnheader", scope: "col", class: `cell-${name.toLowerCase()}` }, label);
}

function hidden(text) {
  return element("span", { class: "visually-hidden" }, text);
}

function kebab() {
  const dots = [5, 10, 15].map((x) => svg("circle", { cx: x, cy: 10, r: 1.6 }));
  return svg("svg", { class: "icon icon-dots", viewBox: "0 0 20 20", "aria-hidden": "true" }, ...dots);
}

function magnifier() {
  return svg(
    "svg",
    { class: "icon", viewBox: "0 0 20 20", "aria-hidden": "true" },
    svg("circle", { cx: 9, cy: 9, r: 4.75 }),
    svg("path", { d: "m12.5 12.5 3.75 3.75" }),
  );
}
