// Screen Drafts: golden paths that people recorded in the page, until somebody takes them over.

import { at, get, post } from "../api.js";
import { ask } from "../dialog.js";
import { h, replace, useStyles } from "../dom.js";
import { ago, plural } from "../format.js";
import { copy, say } from "../notice.js";
import { attempt, download } from "../operators.js";
import { go, href } from "../router.js";
import { empty, loadInto } from "../states.js";
import { table } from "../table.js";
import { askWhoWrites, diffOf } from "../file_change.js";

export const title = "Drafts";

export async function show(root, route, signal) {
  await useStyles("views");
  if (route.id) return showDraft(root, route.id, signal);
  const list = h("section", { class: "card panel" });
  replace(root, h("div", { class: "page-head" }, h("h1", null, "Drafts"), h("a", { class: "button button-primary", href: href("paths") }, "Record a path")), list);
  await loadInto(
    list,
    async () => {
      const { drafts } = await get("path-drafts", null, { signal });
      return drafts.length ? tableOf(drafts) : empty("No drafts yet.", "Record a workflow in your app, from the screen Golden paths.");
    },
    signal,
  );
}

function tableOf(drafts) {
  const columns = [
    { title: "Path", value: (row) => row.title, cell: (row) => [h("a", { class: "strong", href: href("drafts", row.draft_id) }, row.title), h("div", null, h("code", null, row.path_id))] },
    { title: "Steps", align: "end", value: (row) => row.steps },
    { title: "Would", value: (row) => (row.is_new ? "add a path" : "change a path") },
    { title: "Recorded", value: (row) => row.made_at, cell: (row) => ago(row.made_at) },
  ];
  return table({ columns, rows: drafts, caption: plural(drafts.length, "draft"), sortBy: "Recorded", descending: true });
}

async function showDraft(root, id, signal) {
  const body = h("div", { class: "stack" });
  replace(root, h("a", { class: "back", href: href("drafts") }, "All drafts"), h("h1", null, "Draft"), body);
  const load = () =>
    loadInto(
      body,
      async () => {
        const draft = await get(at`path-drafts/${id}`, null, { signal });
        root.querySelector("h1").textContent = draft.title;
        return partsOf(draft, load);
      },
      signal,
    );
  await load();
}

function partsOf(draft, load) {
  const { yaml, file, diff, errors, warnings, made_at: madeAt, can_write: canWrite } = draft;
  const name = file.split("/").pop() || "golden_path.yml";
  return [
    h("p", { class: "soft" }, "Recorded ", ago(madeAt), "."),
    errors.length > 0 && section("It cannot be used yet", errors.map(({ place, message, remedy }) => h("li", null, h("b", null, `${place}: `), `${message} ${remedy}`))),
    warnings.length > 0 && section("It could be better", warnings.map(({ step, message }) => h("li", null, step && h("b", null, `${step}: `), message))),
    h("section", { class: "card panel" }, h("h2", null, file ? `The change of ${file}` : "The change"), diffOf(diff, yaml && file ? "The file says the same already." : "There is no file to compare with."), yaml && h("details", null, h("summary", null, "The whole file"), h("pre", { class: "diff", tabindex: "0" }, yaml))),
    h(
      "div",
      { class: "actions" },
      canWrite && diff && h("button", { type: "button", class: "button button-primary", onclick: () => write(draft, load) }, `Write into ${name}`),
      yaml && h("button", { type: "button", class: "button", onclick: () => copy(yaml, "The file is copied.") }, "Copy the file"),
      yaml && h("button", { type: "button", class: "button", onclick: () => download(name, yaml) }, `Download ${name}`),
      h("button", { type: "button", class: "button button-danger", onclick: () => remove(draft) }, "Delete the draft"),
    ),
    !canWrite && h("p", { class: "soft small" }, "With studio: {write: true} in autoplay.yml, the studio writes into the file itself."),
  ];
}

function section(heading, items) {
  return h("section", { class: "card panel" }, h("h2", null, heading), h("ul", null, items));
}

async function write({ draft_id: id, base, file }, load) {
  const given = await askWhoWrites(file);
  if (!given) return;
  await attempt(async () => {
    const { is_logged: isLogged } = await post("path-drafts/write", { draft_id: id, base, ...given });
    say(`${file} is written.${isLogged ? "" : " The log of changes could not be reached."}`);
    await load();
  });
}

async function remove({ draft_id: id, title: name }) {
  const isSure = await ask({ title: `Delete the draft “${name}”?`, text: "The golden path itself stays as it is.", confirm: "Delete", danger: true });
  if (!isSure) return;
  await attempt(async () => {
    await post("path-drafts/delete", { draft_id: id });
    say("The draft is deleted.");
    go("drafts");
  });
}
