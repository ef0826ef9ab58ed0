// Completion: a text field with a list of suggestions (the combobox pattern of the ARIA guide).

import { h, replace } from "../dom.js";
import { number } from "../format.js";

const MOST = 8;
let count = 0;

/** The words that fit what was typed: those that begin with it first, frequent ones first. */
export function fitting(options, typed) {
  const wanted = typed.trim().toLowerCase();
  const found = options.filter(({ word }) => word.toLowerCase().includes(wanted) && word.toLowerCase() !== wanted);
  const begins = ({ word }) => (word.toLowerCase().startsWith(wanted) ? 0 : 1);
  return found.sort((a, b) => begins(a) - begins(b) || (b.count ?? 0) - (a.count ?? 0)).slice(0, MOST);
}

/**
 * The list under a text field.
 *
 * @param field the input or textarea; its keys move the choice.
 * @param onChoose called with the chosen word.
 * @return `element`, `show(options)`, `hide()`, and `onKey(event)`, which returns whether the key was for the list.
 */
export function suggestions(field, onChoose) {
  const id = `suggestions-${++count}`;
  const element = h("ul", { class: "suggestions", id, role: "listbox", "aria-label": "Suggestions", hidden: true });
  const isCombobox = field.getAttribute("role") === "combobox";
  let options = [];
  let chosen = -1;
  field.setAttribute("aria-controls", id);
  field.setAttribute("aria-autocomplete", "list");
  if (isCombobox) field.setAttribute("aria-expanded", "false");

  function show(found) {
    options = found;
    chosen = -1;
    replace(
      element,
      options.map(({ word, count: times, hint }, index) =>
        h(
          "li",
          { role: "option", id: `${id}-${index}`, "aria-selected": "false", onmousedown: (event) => (event.preventDefault(), choose(index)) },
          h("span", null, word),
          (times || hint) && h("span", { class: "soft small" }, times ? `${number(times)}×` : hint),
        ),
      ),
    );
    element.hidden = !options.length;
    if (isCombobox) field.setAttribute("aria-expanded", String(!element.hidden));
    field.removeAttribute("aria-activedescendant");
  }

  function move(step) {
    element.children[chosen]?.setAttribute("aria-selected", "false");
    chosen = (chosen + step + options.length + (chosen < 0 && step < 0 ? 1 : 0)) % options.length;
    const option = element.children[chosen];
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", option.id);
  }

  function choose(index) {
    const { word } = options[index];
    show([]);
    onChoose(word);
  }

  function onKey(event) {
    if (element.hidden) return false;
    if (event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowUp") move(-1);
    else if (event.key === "Enter" && chosen >= 0) choose(chosen);
    else if (event.key === "Escape") show([]);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  return { element, show, hide: () => show([]), onKey, isOpen: () => !element.hidden };
}

/** A text field that suggests. `options()` returns `{word, count?}`; `onCommit` gets a text that has changed. */
export function combobox({ value, options, onCommit, ...attributes }) {
  const input = h("input", { class: "input", type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", ...attributes });
  input.value = value;
  let committed = value;
  const commit = () => {
    if (input.value === committed) return;
    committed = input.value;
    onCommit(committed);
  };
  const list = suggestions(input, (word) => {
    input.value = word;
    commit();
  });
  const open = () => list.show(fitting(options(), input.value === committed ? "" : input.value));
  input.addEventListener("input", () => list.show(fitting(options(), input.value)));
  input.addEventListener("blur", () => (list.hide(), commit()));
  input.addEventListener("keydown", (event) => {
    if (list.onKey(event)) return;
    if (event.key === "ArrowDown") (event.preventDefault(), open());
    else if (event.key === "Enter") commit();
  });
  return h("div", { class: "combobox" }, input, list.element);
}
