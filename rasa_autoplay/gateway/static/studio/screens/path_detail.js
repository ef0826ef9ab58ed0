// One golden path: its figures by step, the health of its elements, and what users see of it.

import { at, get } from "../api.js";
import { h, replace } from "../dom.js";
import { ago, number, percent } from "../format.js";
import { href } from "../router.js";
import { stage } from "../stage.js";
import { empty, failed, loadInto } from "../states.js";
import { table } from "../table.js";
import { healthText, shareBar, usersBar } from "./path_parts.js";
import { suspectsOf } from "./path_suspects.js";
import { aboutOf, medianText } from "./paths.js";
import { recordButton } from "./record_path.js";

export async function showDetail(root, route, signal) {
  const body = h("div", { class: "stack" });
  replace(root, h("a", { class: "back", href: href("paths") }, "All golden paths"), h("h1", null, route.id), body);
  await loadInto(
    body,
    async () => {
      const path = await get(at`golden-paths/${route.id}`, null, { signal });
      root.querySelector("h1").textContent = path.title;
      return [headOf(path), ...suspectsOf(path, () => showDetail(root, route, signal)), figuresOf(path), stepsOf(path), previewsOf(path, signal)];
    },
    signal,
  );
}

function headOf(path) {
  return h(
    "div",
    { class: "stack" },
    path.description && h("p", null, path.description),
    h("p", { class: "soft small" }, path.page && ["It begins on ", h("code", null, path.page), ". "], aboutOf(path)),
    h("div", { class: "actions" }, recordButton("Record again", path)),
  );
}

function figuresOf(path) {
  const { users, missed_most: missed } = path;
  return h(
    "section",
    { class: "card panel" },
    h("h2", null, "Users"),
    usersBar(users),
    h(
      "dl",
      { class: "path-facts" },
      h("div", null, h("dt", { class: "soft small" }, "Missed most"), h("dd", null, missed ? `${missed.title}: ${number(missed.users)} of those who began it lack this step` : "No step stands out")),
      h("div", null, h("dt", { class: "soft small" }, "Median time from the first step to the last"), h("dd", null, medianText(path))),
    ),
    h("p", null, h("a", { href: href("people", "", { path: path.path_id }) }, "Who would benefit from it now?")),
  );
}

function stepsOf({ steps }) {
  const rows = steps.map((step, index) => ({ ...step, number: index + 1 }));
  const columns = [
    { title: "#", align: "end", value: (row) => row.number },
    { title: "Step", value: (row) => row.title, cell: (row) => [h("span", { class: "strong" }, row.title), row.is_optional && h("span", { class: "soft small" }, " optional"), row.is_several && h("span", { class: "soft small" }, " several times"), row.elements.map((element, at) => h("div", null, at > 0 && "or ", h("code", null, element)))] },
    { title: "Users", align: "end", value: (row) => row.users, cell: (row) => (row.is_tracked ? number(row.users) : "–") },
    { title: "Completion", value: (row) => row.share, cell: (row) => (row.is_tracked ? h("div", { class: "completion" }, shareBar(row), percent(row.share)) : h("span", { class: "soft" }, "not tracked")) },
    { title: "Last done", value: (row) => row.last_done_at, cell: (row) => (row.last_done_at === null ? "never" : ago(row.last_done_at)) },
    { title: "Element", value: (row) => row.health?.state ?? "", cell: healthText },
  ];
  return h("section", { class: "card panel" }, h("h2", null, "Steps"), table({ columns, rows, caption: "Completion: of those who tried the path", sortBy: "#" }));
}

function previewsOf(path, signal) {
  const { tour, chat, search } = path.preview;
  return h(
    "div",
    { class: "previews" },
    h("section", { class: "card panel" }, h("h2", null, "As a tour"), tourOf(tour, path.steps, signal)),
    h("section", { class: "card panel" }, h("h2", null, "In the chat"), h("p", { class: "bubble", dir: "auto" }, chat.text), chat.is_reworded && h("p", { class: "soft small" }, "The language model may reword it; the steps stay the same.")),
    h("section", { class: "card panel" }, h("h2", null, "As a search hit"), searchOf(search, path.path_id, signal)),
  );
}

function tourOf(tour, steps, signal) {
  if (!tour?.steps?.some(({ element }) => element)) return empty("It has no tour.", "Give its steps an element and a title, and “Show me” can lead users through them.");
  if (tour.provider !== "driverjs") return empty(`${tour.provider} shows the tour.`, `Its flow is ${tour.flow_id}. Look at it there.`);
  const labelOf = ({ id }) => steps.find((step) => step.id === id)?.label;
  const shown = stage({ title: "The step on the page", height: 330, signal });
  const place = h("span", { role: "status", class: "soft small" });
  let index = 0;
  const buttons = [-1, 1].map((step) => h("button", { type: "button", class: "button button-small", onclick: () => move(step) }, step < 0 ? "Back" : "Next"));
  function move(step) {
    index = Math.min(Math.max(index + step, 0), tour.steps.length - 1);
    buttons[0].disabled = index === 0;
    buttons[1].disabled = index === tour.steps.length - 1;
    place.textContent = `Step ${index + 1} of ${tour.steps.length}: ${tour.steps[index].title}`;
    shown.show({ kind: "tour", step: { ...tour.steps[index], label: labelOf(tour.steps[index]) }, number: index + 1, total: tour.steps.length });
  }
  move(0);
  return [shown, h("div", { class: "actions" }, buttons, place)];
}

function searchOf({ query, hits }, pathId, signal) {
  const results = h("ol", { class: "hits" });
  const input = h("input", { class: "input", type: "search", name: "query", "aria-label": "Search as the chat does", autocomplete: "off" });
  input.value = query;
  const draw = (found) => replace(results, found.length ? found.map((hit) => hitOf(hit, pathId)) : h("li", { class: "soft" }, "The chat would find no golden path."));
  const search = async (event) => {
    event.preventDefault();
    const asked = input.value.trim();
    if (!asked) return;
    try {
      const product = document.querySelector(".brand-product")?.textContent ?? "";
      draw((await get(at`knowledge-base/${product}`, { query: asked, top_k: 3 }, { signal })).results);
    } catch (problem) {
      if (!signal.aborted) replace(results, h("li", null, failed(problem)));
    }
  };
  draw(hits);
  return h("div", { class: "stack" }, h("form", { class: "search", role: "search", onsubmit: search }, input, h("button", { class: "button" }, "Search")), results);
}

function hitOf({ path_id: id, title, description }, pathId) {
  return h("li", { class: id === pathId && "hit-own" }, h("b", null, title), description && h("div", { class: "soft small" }, description));
}
