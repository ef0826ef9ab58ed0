import { attempt } from "../dom.js";
import { findAll } from "../find.js";
import { currentPage } from "./acts.js";
import { choiceOf } from "./draft.js";
import { action, part } from "./shield.js";

const ACTS = { click: "Click", change: "Field", submit: "Form", page: "Page" };
const KINDS = { id: "id", "test id": "test id", "role and name": "role and name", attribute: "attribute", text: "text", structure: "position", file: "from the file" };
const STEP_MARKS = [
  ["isChatOnly", "Chat only", "The chat explains this step; the tour leaves it out."],
  ["optional", "Optional", "The workflow can be done without this step."],
  ["several", "Several times", "This step may be done many times, such as ticking rows."],
];
const TEXT_FIELDS = [
  ["label", "Label", "What the element says in the app"],
  ["text", "Text in the chat", "Say where to look and what to do"],
  ["tooltip", "Text in the tour", "By default, the text in the chat"],
];

/**
 * The card of one step.
 *
 * @param key - of the step.
 * @param on - `edit(key, name, value)`, `change(key, act)`, `move(key, by)`, `remove(key)`, `drag(key, card, event)`.
 * @returns `{element, update(step, index, count, problems)}`.
 */
export function createCard(key, on) {
  const id = `step-${key}`;
  const number = part("span", { className: "number" });
  const title = part("input", { className: "title", dir: "auto", "aria-label": "Title", oninput: () => on.edit(key, "title", title.value) });
  const up = action("↑", () => on.move(key, -1), { className: "icon" });
  const down = action("↓", () => on.move(key, 1), { className: "icon" });
  const grip = action("⠿", null, { className: "icon grip", onpointerdown: (event) => on.drag(key, element, event), onkeydown: moveByKey });
  const remove = action("×", () => on.remove(key), { className: "icon" });
  const about = part("p", { className: "about", dir: "auto" });
  const notes = part("ul", { className: "notes" });
  const fields = TEXT_FIELDS.map(([name, label, placeholder]) => {
    const input = part(name === "label" ? "input" : "textarea", { dir: "auto", placeholder, oninput: () => on.edit(key, name, input.value) });
    return { name, input, row: part("label", {}, label, input) };
  });
  const marks = STEP_MARKS.map(([name, label, help]) => {
    const input = part("input", { type: "checkbox", oninput: () => on.change(key, (step) => (step[name] = input.checked)) });
    return { name, input, row: part("label", { className: "mark", title: help }, input, label) };
  });
  const choices = part("fieldset", { className: "choices" });
  const summary = part("summary", { onclick: () => setTimeout(drawChoices) }, "Edit");
  const markRow = part("div", { className: "marks" }, ...marks.map(({ row }) => row));
  const details = part("details", {}, summary, ...fields.map(({ row }) => row), markRow, choices);
  const head = part("div", { className: "row" }, grip, number, title, up, down, remove);
  const element = part("li", { className: "card", id }, head, about, notes, details);
  let shown, drawnChoices;

  function moveByKey(event) {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    on.move(key, by);
  }

  function update(step, index, count, problems) {
    const name = step.title || "this step";
    number.textContent = index + 1;
    setValue(title, step.title);
    for (const [button, verb] of [[up, "Move up"], [down, "Move down"], [remove, "Delete"], [grip, "Drag, or press the arrow keys, to move"]]) button.ariaLabel = `${verb}: ${name}`;
    up.disabled = !index;
    down.disabled = index === count - 1;
    for (const { name, input } of fields) setValue(input, step[name] || "");
    for (const { name, input } of marks) input.checked = Boolean(step[name]);
    marks[0].input.disabled = !step.choices.length;
    const choice = choiceOf(step);
    about.replaceChildren(...describeStep(step, choice));
    showList(notes, [...problems, ...(choice?.warnings || []), ...step.warnings]);
    shown = step;
    drawChoices();
  }

  function drawChoices() {
    if (!details.open) return;
    const step = shown;
    const here = step.choices.map(({ selector }) => hitsOf(selector));
    const now = JSON.stringify([step.choices, step.chosen, here]);
    if (now === drawnChoices) return;
    drawnChoices = now;
    choices.hidden = step.choices.length < 1;
    const rows = step.choices.map((choice, index) => {
      const choose = () => on.change(key, (it) => Object.assign(it, { chosen: index, isChatOnly: false }));
      const input = part("input", { type: "radio", name: id, checked: index === step.chosen, oninput: choose });
      const kind = choice.isAnyOf ? "any of these" : KINDS[choice.kind] || choice.kind;
      return part("label", { className: "choice" }, input, part("span", {}, part("code", { dir: "ltr" }, choice.selector), ` ${kind}, ${here[index]}`));
    });
    // The radio button that has the focus keeps it.
    const focused = [...choices.querySelectorAll("input")].indexOf(choices.getRootNode().activeElement);
    choices.replaceChildren(part("legend", {}, "How the tour finds it"), ...rows);
    choices.querySelectorAll("input")[focused]?.focus();
  }

  return { element, title, details, update };
}

function describeStep(step, choice) {
  const kind = ACTS[step.act] || "Step";
  const where = step.page && step.page !== currentPage() ? ` on ${step.page}` : "";
  const found = choice ? [part("code", { dir: "ltr" }, choice.selector), ` · ${hitsOf(choice.selector)}`] : [part("span", {}, "chat only")];
  const traffic = step.action ? [part("br"), "Traffic shows: ", part("bdi", {}, step.action)] : [];
  return [`${kind}${where} · `, ...found, ...traffic];
}

function hitsOf(selector) {
  const hits = attempt(() => findAll(selector).length);
  return hits === undefined ? "not a selector" : hits ? `${hits} on this page` : "not on this page now";
}

/** Set a field's value, and leave the cursor alone if nothing has changed. */
export function setValue(field, value) {
  if (field.value !== value) field.value = value;
}

/** Show texts as a list, which is rebuilt only if they have changed. */
export function showList(list, texts) {
  const unique = [...new Set(texts)];
  list.hidden = !unique.length;
  if (list.textContent !== unique.join("")) list.replaceChildren(...unique.map((text) => part("li", { dir: "auto" }, text)));
}
