// The rule as text, and completion: suggestions under a field, from the schema and from what was captured.

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

/** Suggestions for the value of a key. */
export function valuesOf(key, schema, words) {
  const described = schema.values[key] ?? {};
  if (described.kind === "workflow") return ["any", ...schema.workflows].map((word) => ({ word }));
  if (described.options) return described.options.map((word) => ({ word: String(word) }));
  if (described.kind === "switch") return [{ word: "true" }, { word: "false" }];
  const kind = key === "on_page" ? "page" : (described.words ?? key);
  return words.captured?.[kind] ?? [];
}

/**
 * What can be completed at the caret of a text.
 *
 * @return `{begin, typed, options}`: where the typed part begins, and the suggestions; null if there are none.
 */
export function completionAt(text, caret, schema, words) {
  const before = text.slice(0, caret);
  const line = before.slice(before.lastIndexOf("\n") + 1);
  const value = /([\w]+):\s+(?:\[(?:[^\]]*,)?\s*)?["']?([^[\]{},"'#]*)$/.exec(line);
  if (value) {
    const options = valuesOf(value[1], schema, words);
    return options.length ? { begin: caret - value[2].length, typed: value[2], options } : null;
  }
  const key = /(?:^|[\s{,]|- )(\w*)$/.exec(line);
  if (!key || /#/.test(line)) return null;
  const options = keysAt(before, line, schema).map((word) => ({ word, hint: schema.values[word]?.kind }));
  return { begin: caret - key[1].length, typed: key[1], options, isKey: true };
}

function keysAt(before, line, schema) {
  const inBrackets = /(\w+):\s*\{[^}]*$/.exec(line);
  if (inBrackets) return keysOf(inBrackets[1], schema);
  if (/\{[^}]*$/.test(line)) return schema.when;
  const indent = /^[\s-]*/.exec(line)[0].length;
  if (!indent) return schema.trigger;
  for (const above of before.split("\n").slice(0, -1).reverse()) {
    const found = /^([\s-]*)(\w+):/.exec(above);
    if (found && found[1].length < indent) return keysOf(found[2], schema);
  }
  return schema.trigger;
}

function keysOf(parent, schema) {
  if (["when", "all", "any", "not", "goal"].includes(parent)) return schema.when;
  return schema.keys[parent] ?? [];
}

/** `schema` and `words` complete; `onInput(text)` is called as the text changes. */
export function yamlView({ schema, words, onInput }) {
  const area = h("textarea", { class: "yaml-text", "aria-label": "The rule as YAML", "aria-describedby": "yaml-help", spellcheck: "false", autocapitalize: "off", autocomplete: "off", wrap: "off", rows: 4, oninput: typed, onkeydown: pressed, onblur: () => list.hide(), onscroll: scrolled, onclick: () => list.hide() });
  const gutter = h("div", { class: "yaml-gutter", "aria-hidden": "true" });
  const list = suggestions(area, complete);
  let found = null;
  let problems = [];

  function typed() {
    onInput(area.value);
    drawGutter();
    suggest(false);
  }

  function pressed(event) {
    if (list.onKey(event)) return;
    if (event.key === " " && event.ctrlKey) (event.preventDefault(), suggest(true));
  }

  function suggest(isAsked) {
    found = area.selectionStart === area.selectionEnd ? completionAt(area.value, area.selectionStart, schema, words) : null;
    if (!found || (!isAsked && !found.typed && found.isKey)) return list.hide();
    list.show(fitting(found.options, found.typed));
    place();
  }

  /** Put the list below the caret: the font has one width, and lines do not wrap. */
  function place() {
    const lines = area.value.slice(0, found.begin).split("\n");
    list.element.style.setProperty("--line", lines.length);
    list.element.style.setProperty("--column", lines.at(-1).length);
    scrolled();
  }

  function scrolled() {
    list.element.style.setProperty("--scrolled", `${-area.scrollTop}px`);
    gutter.style.setProperty("--scrolled", `${-area.scrollTop}px`);
  }

  function complete(word) {
    const text = found.isKey ? `${word}: ` : needsQuotes(word) ? JSON.stringify(word) : word;
    area.setRangeText(text, found.begin, area.selectionStart, "end");
    typed();
    list.hide();
  }

  function drawGutter() {
    const wrong = new Set(problems.map(({ line }) => line));
    const lines = area.value.split("\n").length;
    replace(gutter, Array.from({ length: lines }, (_, n) => h("span", { class: wrong.has(n + 1) && "wrong" }, n + 1)));
    area.rows = Math.max(lines + 1, 6);
  }

  return {
    element: h("div", null, h("div", { class: "yaml" }, gutter, area, list.element), h("p", { id: "yaml-help", class: "soft small" }, "Ctrl + Space completes keys, and titles and pages as they were captured.")),
    set(text) {
      if (area.value !== text) area.value = text;
      drawGutter();
    },
    mark(more) {
      problems = more;
      area.setAttribute("aria-invalid", String(Boolean(problems.length)));
      drawGutter();
    },
    goTo(line) {
      document.getElementById("tab-yaml").click();
      const begin = area.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1);
      area.focus();
      area.setSelectionRange(begin, begin + area.value.split("\n")[line - 1].length);
    },
  };
}

function needsQuotes(word) {
  return /^[\s[{&*!|>%@`"'#-]|[:#](\s|$)|[{}[\],]|\s$|^(true|false|null|yes|no|on|off|~|[\d.]+)$/i.test(word);
}
