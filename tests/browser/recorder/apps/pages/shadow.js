// Custom elements with open shadow roots, one inside another, on a page whose policy allows no HTML from texts.

function make(tag, attributes = {}, ...content) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  element.append(...content);
  return element;
}

class FernSwitch extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) return;
    const button = make("button", { role: "switch", "aria-checked": "false", "aria-label": this.getAttribute("label") }, "●");
    button.addEventListener("click", () => {
      button.setAttribute("aria-checked", String(button.getAttribute("aria-checked") !== "true"));
      this.dispatchEvent(new CustomEvent("switched", { composed: true, bubbles: true }));
    });
    this.attachShadow({ mode: "open" }).append(button);
  }
}

class FernSettings extends HTMLElement {
  connectedCallback() {
    const said = make("p", { role: "status" });
    const language = make("select", { "data-testid": "language" }, ...["English", "Deutsch", "Français"].map((it) => make("option", {}, it)));
    const save = make("button", { "data-testid": "save-settings", disabled: "" }, "Save settings");
    this.addEventListener("switched", () => (save.disabled = false));
    save.addEventListener("click", () => (said.textContent = "Saved."));
    this.attachShadow({ mode: "open" }).append(
      make("h1", {}, "Settings"),
      make("fern-switch", { id: "weekly-mail", label: "Weekly e-mail" }),
      make("label", {}, "Language ", language),
      save,
      said,
    );
  }
}

class FernMenu extends HTMLElement {
  connectedCallback() {
    const items = ["Settings", "Billing"].map((name) =>
      make("a", { role: "menuitem", href: `/account/${name.toLowerCase()}${location.search}`, tabindex: "-1" }, name),
    );
    const menu = make("div", { role: "menu", hidden: "" }, ...items);
    const button = make("button", { "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": "Account menu" }, "☰");
    const open = (isOpen) => {
      menu.hidden = !isOpen;
      button.setAttribute("aria-expanded", String(isOpen));
      (isOpen ? items[0] : button).focus();
    };
    button.addEventListener("click", () => open(menu.hidden));
    menu.addEventListener("keydown", (event) => {
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") open(false);
      if (!by) return;
      event.preventDefault();
      const at = items.indexOf(this.shadowRoot.activeElement);
      items[(at + by + items.length) % items.length].focus();
    });
    this.attachShadow({ mode: "open" }).append(button, menu);
  }
}

class FernBilling extends HTMLElement {
  connectedCallback() {
    const said = make("p", { role: "status" });
    const confirm = make("button", { name: "confirm-plan", disabled: "" }, "Confirm");
    const plans = ["Solo", "Team"].map((plan) =>
      make("label", {}, make("input", { type: "radio", name: "plan", value: plan.toLowerCase(), "aria-label": plan, onchange: () => (confirm.disabled = false) }), plan),
    );
    confirm.addEventListener("click", () => (said.textContent = "Your plan is changed."));
    this.attachShadow({ mode: "open" }).append(make("h1", {}, "Billing"), ...plans, confirm, said);
  }
}

customElements.define("fern-switch", FernSwitch);
customElements.define("fern-settings", FernSettings);
customElements.define("fern-menu", FernMenu);
customElements.define("fern-billing", FernBilling);
document.querySelector("main").append(document.createElement(location.pathname.endsWith("/billing") ? "fern-billing" : "fern-settings"));
