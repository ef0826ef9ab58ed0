// The toolbar of bulk edit: many projects, one priority.

import { element, icon } from "./dom.js";
import { PRIORITIES } from "./store.js";

/**
 * @param on {apply(priority), selectAll(), leave()}
 * @returns {node, showCount(selected, all)}
 */
export function bulkToolbar(on) {
  const count = element("span", { class: "bulk-count", "aria-live": "polite" });
  const all = element("button", { type: "button", class: "link-button", onclick: () => on.selectAll() }, "Select all");
  const priority = element(
    "select",
    { id: "bulk-priority", name: "priority", class: "select" },
    ...PRIORITIES.map((name) => element("option", { selected: name === "High" }, name)),
  );
  const apply = element(
    "button",
    { type: "button", id: "bulk-apply", class: "button button-primary", onclick: () => on.apply(priority.value) },
    "Apply to 0",
  );
  const leave = element(
    "button",
    { type: "button", class: "icon-button", "aria-label": "Leave selection", onclick: () => on.leave() },
    icon("m5.5 5.5 9 9m0-9-9 9"),
  );
  const node = element(
    "div",
    { class: "bulk", role: "group", "aria-label": "Change the selected projects" },
    element("div", { class: "bulk-what" }, count, all),
    element("div", { class: "bulk-field" }, element("label", { for: "bulk-priority" }, "Priority"), priority),
    apply,
    leave,
  );

  function showCount(selected, total) {
    count.textContent = `${selected} selected`;
    apply.textContent = `Apply to ${selected}`;
    apply.disabled = selected === 0;
    all.hidden = selected === total;
  }
  return { node, showCount };
}
