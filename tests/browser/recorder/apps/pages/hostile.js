// A form that copies what is typed to wherever apps copy it.
const byId = (id) => document.getElementById(id);

customElements.define(
  "hostile-field",
  class extends HTMLElement {
    connectedCallback() {
      if (this.shadowRoot) return;
      const label = document.createElement("label");
      const field = document.createElement("input");
      field.id = "inner";
      label.append("Inner ", field);
      this.attachShadow({ mode: "open" }).append(label);
    }
  },
);

document.addEventListener("input", ({ target }) => {
  const value = target.value ?? target.textContent;
  // As React does with controlled fields.
  if (target.matches("input")) target.setAttribute("value", value);
});
byId("nickname").addEventListener("input", ({ target }) => {
  byId("greet").textContent = `Greet ${target.value}`;
  byId("greet").setAttribute("aria-label", `Greet ${target.value}`);
  byId("preview").textContent = target.value;
  document.title = `Sign up ${target.value}`;
  target.setAttribute("aria-label", target.value);
});
byId("search").addEventListener("input", ({ target }) => {
  const address = new URL(location.href);
  address.searchParams.set("q", target.value);
  history.replaceState(null, "", address);
});
