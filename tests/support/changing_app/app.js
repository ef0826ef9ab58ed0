// Shows the page that the address names. What the controls do is in their data attributes.
"use strict";

const template = (attribute, value) => document.querySelector(`template[${attribute}="${value}"]`);
const byId = (id) => document.getElementById(id);

function show() {
  const name = location.pathname.slice(1);
  document.querySelector("main").append((template("data-page", name) || template("data-page", "orders")).content.cloneNode(true));
  for (const { dataset, content } of document.querySelectorAll("template[data-shadow-of]"))
    for (const host of document.querySelectorAll(dataset.shadowOf)) {
      const root = host.attachShadow({ mode: "open" });
      root.append(content.cloneNode(true));
      root.addEventListener("click", act);
    }
}

function act(event) {
  const control = event.target.closest?.("button, input, a, summary");
  if (!control) return;
  const { opens, closes, toggles, menu, says, bulk } = control.dataset;
  if (says) byId("status").textContent = says;
  if (opens) byId(opens).showModal();
  if (closes) byId(closes).close();
  if (toggles) control.ariaExpanded = String(!(byId(toggles).hidden = !byId(toggles).hidden));
  if (menu) openMenu(menu);
  else for (const place of document.querySelectorAll("span[id$=-menu]")) place.replaceChildren();
  if (bulk !== undefined) showBoxes();
  if (control.role === "tab") choose(control);
}

const openMenu = (id) => byId(id).replaceChildren(template("data-menu-of", id).content.cloneNode(true));

function choose(tab) {
  for (const each of tab.parentElement.children) {
    each.ariaSelected = String(each === tab);
    byId(each.getAttribute("aria-controls")).hidden = each !== tab;
  }
}

function showBoxes() {
  byId("bulk").hidden = false;
  for (const row of document.querySelectorAll("tbody tr")) {
    const [number, customer] = row.children;
    const box = document.createElement("input");
    Object.assign(box, { type: "checkbox", id: `order-check-${number.textContent}`, ariaLabel: `Select ${customer.textContent}` });
    number.prepend(box);
  }
}

show();
document.addEventListener("click", act);
