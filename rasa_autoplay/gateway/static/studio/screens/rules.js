// Screen Rules: one text with two views, and on its right what it would have done.

import { at, get, post } from "../api.js";
import { h, replace, useStyles } from "../dom.js";
import { href, keep } from "../router.js";
import { empty, failed, loadInto } from "../states.js";
import { blocksView } from "./rule_blocks.js";
import { changePanel } from "./rule_change.js";
import { backtestPanel } from "./rule_backtest.js";
import { yamlView } from "./rule_yaml.js";

export const title = "Rules";

const REST_MS = 250;

export async function show(root, route, signal) {
  await useStyles("rules");
  const isNew = route.params.has("new");
  if (!route.id && !isNew) return showList(root, signal);
  const body = h("div", { class: "rule-body" });
  replace(
    root,
    h("div", { class: "page-head" }, h("h1", null, isNew ? "New rule" : route.id), h("a", { href: href("rules") }, "All rules")),
    body,
  );
  await loadInto(body, async () => editor(await get(isNew ? "rules" : at`rules/trigger/${route.id}`, null, { signal }), route, signal), signal);
}

async function showList(root, signal) {
  const list = h("section", { class: "card panel" });
  const add = h("a", { class: "button button-primary", href: href("rules", "", { new: 1 }) }, "New rule");
  replace(root, h("div", { class: "page-head" }, h("h1", null, "Rules"), add), list);
  await loadInto(
    list,
    async () => {
      const { trigger_ids: ids, file } = await get("rules", null, { signal });
      if (!ids.length) return empty("No rules yet.", `Write the first one here; it ends up in ${file}.`, add.cloneNode(true));
      return [
        h("h2", null, `In ${file}, in order of priority`),
        h("ol", { class: "rule-list" }, ids.map((id) => h("li", null, h("a", { href: href("rules", id) }, id)))),
      ];
    },
    signal,
  );
}

function editor(rule, route, signal) {
  const state = { ...rule, loadedText: rule.text };
  const words = { captured: {} };
  const notes = h("div", { class: "rule-problems", role: "status", "aria-live": "polite" });
  const backtest = backtestPanel({ signal, question });
  const change = changePanel({ rule, question, isChanged: () => state.text !== state.loadedText });
  const yaml = yamlView({ schema: rule.schema, words, onInput: typed });
  const blocks = blocksView({ schema: rule.schema, words, onEdit: edit, sweep: (path) => post("rules/sweep", { ...question(), path }, { signal }) });
  let resting;
  let asking = new AbortController();

  function question() {
    return { trigger_id: state.trigger_id, text: state.text, base: state.base };
  }

  /** Ask for the blocks and problems of a text, optionally after an edit of a block. */
  async function update(edited) {
    asking.abort();
    asking = new AbortController();
    signal.addEventListener("abort", () => asking.abort(), { once: true });
    try {
      const found = await post("rules/blocks", { ...question(), ...(edited && { edit: edited }) }, { signal: asking.signal });
      Object.assign(state, found);
      draw(Boolean(edited));
      return true;
    } catch (problem) {
      if (problem.name === "AbortError") return false;
      replace(notes, failed(problem));
      // The fields show what is in the text again.
      if (edited) blocks.update(state.blocks);
      return false;
    }
  }

  function draw(isFromBlocks) {
    if (isFromBlocks) yaml.set(state.text);
    yaml.mark(state.problems);
    if (state.blocks || !isFromBlocks) blocks.update(state.blocks);
    replace(notes, problemsOf(state.problems, yaml));
    change.update();
    if (state.problems.length) backtest.wait("The back-test runs when the rule has no problems.");
    else backtest.run();
  }

  function typed(text) {
    state.text = text;
    clearTimeout(resting);
    resting = setTimeout(() => update(), REST_MS);
  }

  async function edit(edited) {
    clearTimeout(resting);
    return update(edited);
  }

  yaml.set(state.text);
  get("rules/vocabulary", null, { signal })
    .then((found) => Object.assign(words, found))
    .catch(() => {});
  queueMicrotask(() => draw(false));
  return [
    !rule.is_loaded && h("p", { class: "note", role: "note" }, `${rule.file} on disk differs from what is loaded. You edit the file on disk; the back-test compares with what is loaded.`),
    h(
      "div",
      { class: "rule-columns" },
      h("section", { class: "card panel rule-editor", "aria-label": "The rule" }, views(route, blocks.element, yaml.element), notes, change.element),
      h("section", { class: "card panel rule-side", "aria-label": "Back-test" }, backtest.element),
    ),
  ];
}

/** Two tabs; which one is open is part of the URL. */
function views(route, blocks, yaml) {
  const panels = { blocks, yaml };
  const tabs = [
    ["blocks", "Blocks"],
    ["yaml", "YAML"],
  ].map(([name, label]) => h("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`, class: "tab", onclick: () => choose(name), onkeydown: turn }, label));
  const parts = Object.entries(panels).map(([name, part]) => h("div", { id: `panel-${name}`, role: "tabpanel", "aria-labelledby": `tab-${name}` }, part));

  function choose(name) {
    for (const tab of tabs) {
      const isChosen = tab.id === `tab-${name}`;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
    }
    for (const part of parts) part.hidden = part.id !== `panel-${name}`;
    keep({ view: name === "blocks" ? "" : name });
  }

  function turn(event) {
    if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
    const other = tabs.find((tab) => tab !== event.target);
    other.focus();
    other.click();
  }

  choose(route.params.get("view") === "yaml" ? "yaml" : "blocks");
  return [h("div", { class: "tabs", role: "tablist", "aria-label": "Views of the rule" }, tabs), parts];
}

function problemsOf(problems, yaml) {
  if (!problems.length) return null;
  return h(
    "ul",
    { class: "problem-list" },
    problems.map(({ line, message }) => h("li", null, line > 0 && h("button", { type: "button", class: "link-button", onclick: () => yaml.goTo(line) }, `Line ${line}`), h("span", null, message))),
  );
}
