// The command palette (Ctrl K): jump to a screen, a trigger, a proposal, a golden path or a user by typing.

import { get } from "./api.js";
import { h, replace } from "./dom.js";
import { show } from "./dialog.js";
import { href } from "./router.js";
import { SCREENS } from "./screens.js";

const WAIT_MS = 150;
const MOST = 12;

/** Open the palette. */
export function openPalette() {
  if (document.querySelector("dialog.palette")) return;
  const showing = new AbortController();
  const list = h("ul", { id: "palette-list", class: "palette-list", role: "listbox", "aria-label": "Places" });
  const note = h("p", { class: "palette-note soft small", role: "status" });
  const input = h("input", { class: "palette-input", type: "text", role: "combobox", "aria-label": "Jump to a screen, trigger, path or user", "aria-controls": "palette-list", "aria-expanded": "true", "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false", placeholder: "Jump to a screen, trigger, path or user…", oninput: change, onkeydown: press });
  const dialog = show(h("div", null, input, list, note), { class: "dialog palette", "aria-label": "Jump to", onclose: () => showing.abort() });
  const places = SCREENS.map(({ name, label, purpose }) => ({ kind: "Screen", label, note: purpose, href: href(name) }));
  let users = [];
  let found = [];
  let chosen = 0;
  let typing = 0;
  let asked = 0;

  function draw() {
    const words = input.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const known = places.filter(({ kind, label, id }) => words.every((word) => `${kind} ${label} ${id ?? ""}`.toLowerCase().includes(word)));
    found = [...known, ...users].slice(0, MOST);
    chosen = Math.min(chosen, Math.max(found.length - 1, 0));
    replace(
      list,
      found.map((place, index) =>
        h(
          "li",
          { id: `palette-${index}`, role: "option", "aria-selected": String(index === chosen), onclick: () => visit(place), onpointermove: () => choose(index) },
          h("span", { class: "palette-label" }, place.label),
          h("span", { class: "palette-kind soft small" }, place.kind),
        ),
      ),
    );
    note.textContent = found.length ? "" : "Nothing found.";
    mark();
  }

  function mark() {
    [...list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === chosen)));
    if (found.length) input.setAttribute("aria-activedescendant", `palette-${chosen}`);
    else input.removeAttribute("aria-activedescendant");
    list.children[chosen]?.scrollIntoView({ block: "nearest" });
  }

  function choose(index) {
    if (index === chosen) return;
    chosen = index;
    mark();
  }

  function change() {
    chosen = 0;
    users = [];
    draw();
    clearTimeout(typing);
    typing = setTimeout(findUsers, WAIT_MS);
  }

  async function findUsers() {
    const number = ++asked;
    const q = input.value.trim();
    if (!q) return;
    const answer = await get("people", { q, limit: 8 }, { signal: showing.signal }).catch(() => null);
    if (number !== asked) return;
    users = (answer?.people ?? []).map(({ user_id: id }) => ({ kind: "User", label: id, href: href("people", "", { q: id }) }));
    draw();
  }

  function press(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) {
      event.preventDefault();
      choose((chosen + step + found.length) % found.length);
    } else if (event.key === "Enter" && found[chosen]) {
      event.preventDefault();
      visit(found[chosen]);
    }
  }

  function visit(place) {
    dialog.close();
    location.hash = place.href;
  }

  async function addPlaces(path, kind, name, entries, label) {
    const answer = await get(path, {}, { signal: showing.signal }).catch(() => null);
    if (!answer) return;
    for (const entry of entries(answer)) places.push({ kind, id: entry.id, label: label(entry), href: href(name, entry.id) });
    draw();
  }

  draw();
  addPlaces("triggers", "Trigger", "triggers", ({ triggers }) => (triggers ?? []).map(({ trigger_id, title }) => ({ id: trigger_id, title })), ({ id }) => id);
  addPlaces("proposals", "Proposal", "proposals", ({ proposals }) => proposals ?? [], ({ id, title }) => title || id);
  addPlaces("golden-paths", "Golden path", "paths", ({ paths }) => (paths ?? []).map(({ path_id, title }) => ({ id: path_id, title })), ({ id, title }) => title ?? id);
}
