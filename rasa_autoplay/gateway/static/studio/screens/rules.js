// Screen Rules: one text with two views, and on its right what it would have done.

import { at, get, post } from "../api.js";
import { show as showDialog } from "../dialog.js";
import { h, replace, useStyles } from "../dom.js";
import { copy, say } from "../notice.js";
import { attempt, download } from "../operators.js";
import { go, href, keep } from "../router.js";
import { empty, failed, loadInto } from "../states.js";
import { askWhoWrites, diffOf } from "../file_change.js";
import { blocksView } from "./rule_blocks.js";
import { backtestPanel } from "./rule_backtest.js";
import { yamlView } from "./rule_text.js";

export const title = "Rules";

const REST_MS = 250;

export async function show(root, route, signal) {
  await Promise.all([useStyles("views"), useStyles("rules")]);
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
  const backtest = backtestPanel({ signal, question, session: sessionIn(route.params) });
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

/** The session from which somebody came to change the rule; null if there is none. */
function sessionIn(params) {
  const [user, session] = [params.get("user"), params.get("session")];
  return user && session ? { user_id: user, session_id: session } : null;
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

// How an edited rule leaves the studio: as a diff, as a download, or into the file if the team allows it.

function changePanel({ rule, question, isChanged }) {
  const button = h("button", { type: "button", class: "button button-primary", onclick: () => showChange(rule, question()) }, "Show the change");
  const text = h("span", { class: "soft small" });
  const update = () => {
    const isNew = !rule.trigger_id;
    button.disabled = !isChanged() && !isNew;
    text.textContent = button.disabled ? "Nothing is changed yet." : rule.can_write ? `A diff, a download, or into ${rule.file}.` : "As a diff or a download.";
  };
  update();
  return { element: h("div", { class: "change" }, button, text), update };
}

async function showChange(rule, asked) {
  const body = h("div", { class: "change-body" });
  const dialog = showDialog(h("div", { class: "change-dialog" }, h("h2", { id: "change-title" }, `The change of ${rule.file}`), body), { "aria-labelledby": "change-title", class: "dialog dialog-wide" });
  const close = () => dialog.close();
  try {
    const found = await post("rules/diff", asked);
    replace(body, changeOf(found, rule, asked, close));
  } catch (problem) {
    replace(body, failed(problem), h("div", { class: "dialog-buttons" }, h("button", { type: "button", class: "button", onclick: close }, "Close")));
  }
}

function changeOf({ diff, content, file, problems }, rule, asked, close) {
  return [
    problems.length > 0 && h("p", { class: "problem" }, `The engine would refuse this: ${problems[0].message}`),
    diffOf(diff, "The file stays as it is."),
    h(
      "div",
      { class: "dialog-buttons" },
      h("button", { type: "button", class: "button", onclick: close }, "Close"),
      h("button", { type: "button", class: "button", onclick: () => copy(diff, "The diff is copied.") }, "Copy the diff"),
      h("button", { type: "button", class: "button", onclick: () => download(file, content) }, `Download ${file}`),
      rule.can_write && diff && !problems.length && h("button", { type: "button", class: "button button-primary", onclick: () => write(rule, asked, close) }, `Write into ${file}`),
    ),
    !rule.can_write && h("p", { class: "soft small" }, "With studio: {write: true} in autoplay.yml, the studio writes into the file itself."),
  ];
}

async function write(rule, asked, close) {
  const given = await askWhoWrites(rule.file);
  if (!given) return;
  await attempt(async () => {
    const { trigger_id: id, is_logged: isLogged } = await post("rules/write", { ...asked, ...given });
    close();
    say(`${rule.file} is written.${isLogged ? "" : " The log of changes could not be reached."}`);
    go("rules", id, { saved: Date.now() });
  });
}
