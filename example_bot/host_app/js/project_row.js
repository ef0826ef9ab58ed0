// One project as a row of the table, updated in place.

import { element, icon } from "./dom.js";
import { daysUntil, initials, OWNERS, shortDate } from "./store.js";

const PENCIL = "m12.5 4.5 3 3L7 16H4v-3zM11 6l3 3";
const SOON_DAYS = 7;

const slug = (text) => text.toLowerCase().replaceAll(" ", "-");

/** A priority: its colour and its name. */
export function priorityLabel(name) {
  return element("span", { class: `priority priority-${slug(name)}` }, name);
}

/** A person's initials. */
export function avatar(name) {
  return element("span", { class: `avatar avatar-${OWNERS.indexOf(name)}`, "data-initials": initials(name) });
}

/** How far away a date is, in words, while it is near. */
export function dueWords(date) {
  const days = daysUntil(date);
  return days > 14 ? "" : days <= 0 ? "today" : days === 1 ? "tomorrow" : `in ${days} days`;
}

/**
 * @param on {edit(), tick(isTicked)}
 * @returns {node, update(), setBulk(on), setTicked(ticked)}
 */
export function projectRow(project, on) {
  // The roles are said because the styles turn the table into cards on a narrow screen, which would lose them.
  const cell = (name, ...children) => element("td", { role: "cell", class: `cell-${name}` }, ...children);
  const priority = cell("priority", priorityLabel(project.priority));
  const near = daysUntil(project.due) <= SOON_DAYS;
  const node = element(
    "tr",
    { role: "row", "data-project": project.id },
    element(
      "th",
      { role: "rowheader", scope: "row", class: "cell-project" },
      element("span", { class: "project-name" }, project.name),
      element("span", { class: "project-meta" }, `${project.id} · ${project.client}`),
    ),
    cell("status", element("span", { class: `chip chip-${slug(project.status)}` }, project.status)),
    priority,
    cell("owner", avatar(project.owner), element("span", { class: "owner-name" }, project.owner)),
    cell(
      "due",
      element("span", { class: near ? "due due-near" : "due" }, shortDate(project.due)),
      element("span", { class: "due-words" }, dueWords(project.due)),
    ),
    cell(
      "edit",
      element(
        "button",
        { type: "button", class: "button button-small", "aria-label": `Edit ${project.name}`, onclick: () => on.edit() },
        icon(PENCIL),
        "Edit",
      ),
    ),
  );

  const box = element("input", {
    type: "checkbox",
    id: `project-checkbox-${project.id}`,
    "aria-label": `Select ${project.name}`,
    onchange: () => {
      node.classList.toggle("is-ticked", box.checked);
      on.tick(box.checked);
    },
  });
  const boxCell = cell("tick", box);

  return {
    node,
    update() {
      priority.replaceChildren(priorityLabel(project.priority));
      node.classList.remove("is-changed");
      void node.offsetWidth; // so that the same row can light up again
      node.classList.add("is-changed");
    },
    setBulk(isOn) {
      if (isOn) node.prepend(boxCell);
      else boxCell.remove();
    },
    setTicked(isTicked) {
      box.checked = isTicked;
      node.classList.toggle("is-ticked", isTicked);
    },
  };
}
