import { make } from "../dom.js";
import { renderMarkdown } from "../markdown.js";

/** A button that does something. After the list is drawn again, the button with the same key has the focus. */
export function tipButton(label, key, act, classes = "") {
  const button = make("button", classes, label);
  button.type = "button";
  button.dataset.key = key;
  button.onclick = act;
  return button;
}

/** A part of the list with a heading, or nothing if it is empty. */
export function tipSection(title, ...content) {
  const filled = content.filter(Boolean);
  return filled.length ? [make("h3", "", title), ...filled] : [];
}

export const tipList = (items) => items.length && make("ul", "list", ...items);

/** One tip, or one muted topic: a text, a note, buttons, and more. */
export function tipItem(body, note, buttons, ...more) {
  const text = make("div", "tip", ...renderMarkdown(body));
  text.dir = "auto";
  return make("li", "", text, note && make("p", "note", note), ...more, make("div", "row", ...buttons));
}

/** The steps of a golden path, folded up. */
export function tipSteps(title, steps) {
  const list = make("ol", "", ...steps.map((step) => make("li", "", ...renderMarkdown(step))));
  list.dir = "auto";
  return make("details", "", make("summary", "", title), list);
}

/** A field for a time of day. */
export function tipTime(title, value) {
  const input = make("input");
  input.type = "time";
  input.required = true;
  input.value = value;
  return [make("label", "", title, input), input];
}
