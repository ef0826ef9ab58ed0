// The rule as blocks: one for each condition, one field for each value, and a slider on numbers, which draws the
// volume of toasts. Edits go to the server, which keeps the text.

import { picture } from "../charts.js";
import { h, replace, svg } from "../dom.js";
import { number, plural } from "../format.js";
import { combobox, valuesOf } from "./rule_text.js";

/** `onEdit(edit)` changes the rule; `sweep(path)` brings the volume for several values of a number. */
export function blocksView({ schema, words, onEdit, sweep }) {
  const element = h("div", { class: "blocks" });
  const context = { schema, words, onEdit, sweep };
  return {
    element,
    update(blocks) {
      const focused = element.contains(document.activeElement) ? document.activeElement.id : "";
      replace(element, blocks ? drawn(blocks, context) : h("p", { class: "soft" }, "This text has no blocks until its problems are mended. Open the YAML view."));
      if (focused) document.getElementById(focused)?.focus();
    },
  };
}

function drawn(blocks, context) {
  return [
    h("div", { class: "block-fields" }, blocks.fields.map((field) => fieldOf(field, context))),
    blocks.kind === "when"
      ? h("fieldset", { class: "block block-when" }, h("legend", null, "When"), blocks.when.map((block) => blockOf(block, context)), adder(blocks.conditions, ["when"], context))
      : h("p", { class: "soft" }, blocks.kind === "builtin" ? `The built-in trigger ${blocks.name}.` : `The team's own code: ${blocks.name}.`),
    keyAdder(blocks, "Add a setting…", context),
  ];
}

function blockOf(block, context) {
  const { title, path, fields, parts, kind, remove, holds } = block;
  const what = fields[0]?.text ? `${title}: ${fields[0].text}` : title;
  return h(
    "fieldset",
    { class: `block ${holds ? "block-group" : ""}` },
    h("legend", null, title),
    h("button", { type: "button", class: "icon-button block-remove", title: "Remove", "aria-label": `Remove “${what}”`, onclick: () => context.onEdit({ remove }) }, "×"),
    fields.length > 0 && h("div", { class: "block-fields" }, fields.map((field) => fieldOf(field, context))),
    parts.map((part) => blockOf(part, context)),
    kind === "sequence" && h("button", { type: "button", class: "link-button", onclick: () => context.onEdit({ add: path, kind: "count" }) }, "Add a step"),
    (kind === "all" || kind === "any") && adder(CONDITIONS(context), path, context),
    keyAdder(block, "Add…", context),
  );
}

const CONDITIONS = ({ schema }) => schema.when.filter((kind) => kind !== "within").map((kind) => ({ kind, title: schema.titles[kind] }));

/** Adds a condition to a list. */
function adder(conditions, path, { onEdit }) {
  return chooser("Add a condition…", conditions.map(({ kind, title }) => [kind, title]), `add-${path.join("-")}`, (kind) => onEdit({ add: path, kind }));
}

/** Adds a key that a block does not have yet. */
function keyAdder({ addable, path = [] }, label, { onEdit }) {
  if (!addable.length) return null;
  return chooser(label, addable.map(({ key, label: text }) => [key, text]), `key-${path.join("-")}`, (chosen) => {
    const { path: place, initial } = addable.find(({ key }) => key === chosen);
    onEdit({ set: place, value: initial, is_yaml: typeof initial === "string" && /^[[{]/.test(initial) });
  });
}

function chooser(label, options, id, onChoose) {
  const select = h("select", { class: "select block-add", id, "aria-label": label }, h("option", { value: "" }, label), options.map(([value, text]) => h("option", { value }, text)));
  const choose = () => select.value && onChoose(select.value);
  // With the arrow keys, a closed list would already choose; so the keyboard confirms with Enter.
  let isKey = false;
  select.addEventListener("keydown", (event) => {
    isKey = event.key.startsWith("Arrow");
    if (event.key === "Enter" && select.value) (event.preventDefault(), choose());
  });
  select.addEventListener("change", () => !isKey && choose());
  select.addEventListener("pointerdown", () => (isKey = false));
  return select;
}

function fieldOf(field, context) {
  const { label, path, description } = field;
  const id = `field-${path.join("-")}`;
  const isNumber = field.kind === "number" || (field.kind === "duration" && typeof field.value === "string");
  const slider = isNumber && path[0] === "when" ? sliderOf(field, context) : null;
  return h(
    "div",
    { class: `block-field ${field.kind === "text" ? "wide" : ""}` },
    h("label", { for: id, title: description }, label),
    h("div", { class: "block-input" }, inputOf(field, id, context), slider?.button, removable(field) && h("button", { type: "button", class: "icon-button", title: "Remove", "aria-label": `Remove ${label}`, onclick: () => context.onEdit({ remove: path }) }, "×")),
    slider?.panel,
  );
}

/** Whether the value is an option: the first field of a short condition is the condition itself. */
function removable({ key, path }) {
  return !["id", "body", "at_least"].includes(key) && (path[0] !== "when" || path.length > 2) && !["on_page", "dwell", "idle"].includes(key);
}

function inputOf(field, id, { schema, words, onEdit }) {
  const { key, kind, path, value, text, options } = field;
  const set = (to, isYaml = false) => onEdit({ set: path, value: to, is_yaml: isYaml });
  if (kind === "choice" || kind === "switch") {
    const choices = kind === "switch" ? [true, false] : options;
    const select = h("select", { class: "select", id, onchange: () => set(choices[select.selectedIndex]) }, choices.map((each) => h("option", { selected: each === value }, String(each))));
    return select;
  }
  if (kind === "number") {
    const input = h("input", { class: "input number", id, type: "number", min: field.minimum, step: "any", onchange: () => input.value && set(Number(input.value)) });
    input.value = value;
    return input;
  }
  if (kind === "text") {
    const area = h("textarea", { class: "input", id, rows: key === "body" ? 2 : 1, onchange: () => set(area.value) });
    area.value = text;
    return area;
  }
  const isYaml = (given) => kind === "yaml" || kind === "choices" || /^\s*[[{]/.test(given);
  return combobox({ id, value: text, options: () => (kind === "duration" ? [] : valuesOf(field.words ?? key, schema, words)), onCommit: (given) => set(given, isYaml(given)) });
}

const [WIDTH, HEIGHT] = [280, 64];

/** The button that opens the slider of a field, and its panel. */
function sliderOf(field, { sweep, onEdit }) {
  const panel = h("div", { class: "slider-panel", hidden: true });
  const button = h("button", { type: "button", class: "button button-small", "aria-expanded": "false", title: "See the volume for other values", onclick: toggle }, "Volume");

  async function toggle() {
    panel.hidden = !panel.hidden;
    button.setAttribute("aria-expanded", String(!panel.hidden));
    if (panel.hidden) return;
    replace(panel, h("p", { class: "soft small", role: "status" }, "Trying other values…"));
    try {
      let found;
      do {
        found = await sweep(field.path);
        draw(found);
      } while (!found.is_complete && !panel.hidden && panel.isConnected);
    } catch (problem) {
      if (problem.name !== "AbortError") replace(panel, h("p", { class: "problem" }, `${problem.message} ${problem.remedy ?? ""}`));
    }
  }

  let chosen = null;
  function draw({ points, is_complete: isComplete, replayed, reachable }) {
    if (!points.length) return replace(panel, h("p", { class: "soft small" }, "No other value is possible here."));
    if (!panel.querySelector("input")) {
      const input = h("input", { type: "range", min: 0, max: points.length - 1, "aria-label": `${field.key}, with the volume of each value`, oninput: () => point(Number(input.value)), onchange: () => onEdit({ set: field.path, value: shown[Number(input.value)].value }) });
      input.value = Math.max(points.findIndex(({ is_current: is }) => is), 0);
      replace(panel, h("div", { class: "slider-chart" }), input, h("output", { class: "small" }), h("p", { class: "soft small" }));
      chosen = Number(input.value);
    }
    shown = points;
    isExact = isComplete;
    panel.querySelector("p").textContent = isComplete ? `Replayed for all ${plural(reachable, "user")} that it can reach.` : `Estimated from ${number(replayed)} of ${plural(reachable, "user")} that it can reach.`;
    point(chosen);
  }

  let shown = [];
  let isExact = false;
  function point(index) {
    chosen = index;
    const { value, fires, users } = shown[index];
    const text = `${value}: ${isExact ? "" : "about "}${plural(fires, "toast")}, ${plural(users, "user")}`;
    replace(panel.querySelector(".slider-chart"), volumeChart(shown, index));
    panel.querySelector("output").textContent = text;
    panel.querySelector("input").setAttribute("aria-valuetext", text);
  }

  return { button, panel };
}

function volumeChart(points, chosen) {
  const most = Math.max(...points.map(({ fires }) => fires), 1);
  const step = WIDTH / points.length;
  return picture(
    "volume",
    WIDTH,
    HEIGHT,
    "",
    points.map(({ fires }, index) => {
      const height = Math.max((fires / most) * (HEIGHT - 4), 1);
      return svg("rect", { class: index === chosen ? "chosen" : "", x: index * step + 2, y: HEIGHT - height, width: step - 4, height, rx: 3 });
    }),
  );
}
