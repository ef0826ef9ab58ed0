// The rule as text: line numbers, problems beside their lines, and completion at the caret.

import { h, replace } from "../dom.js";
import { fitting, suggestions } from "./rule_combobox.js";
import { completionAt } from "./rule_words.js";

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
