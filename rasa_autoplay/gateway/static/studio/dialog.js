// Dialogs: they ask one question, and the answer is a promise.

import { h } from "./dom.js";

let count = 0;

/**
 * Ask before something is done.
 *
 * @param title the question.
 * @param text what will happen; a text or nodes.
 * @param confirm the label of the button that does it, a verb; `danger` if it cannot be undone.
 * @param fields asks for texts: each `{name, label, type?, value?, required?, help?}`, and attributes of the input.
 * @return the fields' texts by name, or null if the person cancels.
 */
export function ask({ title, text, confirm = "Continue", cancel = "Cancel", danger = false, fields = [] }) {
  const id = `dialog-${++count}`;
  return new Promise((answer) => {
    const inputs = fields.map((field) => fieldOf(id, field));
    const form = h(
      "form",
      { method: "dialog", onsubmit: () => dialog.close("confirm") },
      h("h2", { id: `${id}-title` }, title),
      h("div", { id: `${id}-text`, class: "dialog-text" }, text),
      inputs.map(({ box }) => box),
      h(
        "div",
        { class: "dialog-buttons" },
        h("button", { type: "button", class: "button", onclick: () => dialog.close() }, cancel),
        h("button", { class: `button ${danger ? "button-danger" : "button-primary"}` }, confirm),
      ),
    );
    const dialog = show(form, {
      "aria-labelledby": `${id}-title`,
      "aria-describedby": `${id}-text`,
      onclose: () => answer(dialog.returnValue === "confirm" ? Object.fromEntries(inputs.map(({ name, input }) => [name, input.value])) : null),
    });
  });
}

/** Show a dialog with any content; it is removed when it closes. Returns the `<dialog>`. */
export function show(content, attributes) {
  const dialog = h("dialog", { class: "dialog", onclick: (event) => event.target === dialog && dialog.close(), ...attributes }, content);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

function fieldOf(id, { name, label, type = "text", value = "", help, ...attributes }) {
  const input = h(type === "textarea" ? "textarea" : "input", { id: `${id}-${name}`, class: "input", ...attributes, ...(type === "textarea" ? { rows: 3 } : { type }) });
  input.value = value;
  return { name, input, box: h("div", { class: "field" }, h("label", { for: `${id}-${name}` }, label), input, help && h("p", { class: "soft small" }, help)) };
}
