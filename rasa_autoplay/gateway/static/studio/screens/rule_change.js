// How an edited rule leaves the studio: as a diff, as a download, or into the file if the team allows it.

import { post } from "../api.js";
import { show } from "../dialog.js";
import { h, replace } from "../dom.js";
import { copy, say } from "../notice.js";
import { failed } from "../states.js";
import { go } from "../router.js";

/** The name that colleagues see; Triggers remembers the same. */
const NAME = "autoplay-studio-name";

export function changePanel({ rule, question, isChanged }) {
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
  const dialog = show(h("div", { class: "change-dialog" }, h("h2", { id: "change-title" }, `The change of ${rule.file}`), body), { "aria-labelledby": "change-title", class: "dialog dialog-wide" });
  const close = () => dialog.close();
  try {
    const found = await post("rules/diff", asked);
    replace(body, changeOf(found, rule, asked, close));
  } catch (problem) {
    replace(body, failed(problem), h("div", { class: "dialog-buttons" }, h("button", { type: "button", class: "button", onclick: close }, "Close")));
  }
}

function changeOf({ diff, content, file, problems }, rule, asked, close) {
  const lines = diff.split("\n").slice(2, -1);
  return [
    problems.length > 0 && h("p", { class: "problem" }, `The engine would refuse this: ${problems[0].message}`),
    lines.length ? h("pre", { class: "diff", tabindex: "0", role: "region", "aria-label": "Diff" }, lines.map((line) => h("span", { class: classOf(line) }, `${line}\n`))) : h("p", { class: "soft" }, "The file stays as it is."),
    rule.can_write && lines.length > 0 && !problems.length && writeForm(rule, asked, close),
    h(
      "div",
      { class: "dialog-buttons" },
      h("button", { type: "button", class: "button", onclick: close }, "Close"),
      h("button", { type: "button", class: "button", onclick: () => copy(diff, "The diff is copied.") }, "Copy the diff"),
      h("button", { type: "button", class: "button", onclick: () => download(file, content) }, `Download ${file}`),
    ),
    !rule.can_write && h("p", { class: "soft small" }, "With studio: {write: true} in autoplay.yml, the studio writes into the file itself."),
  ];
}

function writeForm(rule, asked, close) {
  const by = h("input", { class: "input", id: "write-by", required: true, maxlength: 200, autocomplete: "name" });
  const why = h("input", { class: "input", id: "write-why", maxlength: 200 });
  const status = h("div", { role: "status" });
  const button = h("button", { class: "button button-primary" }, `Write into ${rule.file}`);
  by.value = rememberedName();
  async function write(event) {
    event.preventDefault();
    button.disabled = true;
    try {
      const { trigger_id: id, is_logged: isLogged } = await post("rules/write", { ...asked, by: by.value, why: why.value });
      remember(by.value);
      close();
      say(`${rule.file} is written; the engine loads it within a second.${isLogged ? "" : " The log of changes could not be reached."}`);
      go("rules", id, { saved: Date.now() });
    } catch (problem) {
      button.disabled = false;
      replace(status, failed(problem));
    }
  }
  return h(
    "form",
    { class: "write-form", onsubmit: write },
    h("div", { class: "field" }, h("label", { for: "write-by" }, "Your name"), by),
    h("div", { class: "field" }, h("label", { for: "write-why" }, "Why? (optional)"), why),
    h("p", { class: "soft small" }, "Your colleagues read both in the log of changes."),
    status,
    button,
  );
}

function classOf(line) {
  if (line.startsWith("+")) return "added";
  if (line.startsWith("-")) return "removed";
  return line.startsWith("@@") ? "place" : "";
}

function download(name, content) {
  const url = URL.createObjectURL(new Blob([content], { type: "application/yaml" }));
  const link = h("a", { download: name });
  link.href = url;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function rememberedName() {
  try {
    return localStorage.getItem(NAME) ?? "";
  } catch {
    return "";
  }
}

function remember(name) {
  try {
    localStorage.setItem(NAME, name);
  } catch {
    // Private windows may refuse.
  }
}
