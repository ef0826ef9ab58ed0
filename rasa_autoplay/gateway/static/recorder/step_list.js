import { createCard, setValue, showList } from "./card.js";
import { choiceOf, MOST_TOUR_STEPS, stepIds } from "./draft.js";
import { part } from "./shield.js";

const PATH_FIELDS = [
  ["title", "Title", "Bulk edit projects"],
  ["description", "Description", "One sentence: what is it for?"],
  ["page", "Page", "Where it begins, such as /projects"],
  ["id", "Id", "Made of the title"],
];
const EMPTY = "Now use your app as your users should. Each click, choice or page becomes a step here. What you type is never recorded.";

/**
 * The path's own texts and its steps' cards.
 *
 * @param announce - says a text to screen readers.
 * @returns `{element, update()}`.
 */
export function createStepList(session, announce) {
  const cards = new Map();
  const heading = part("bdi");
  const fields = PATH_FIELDS.map(([name, label, placeholder]) => {
    const input = part("input", { dir: "auto", placeholder, oninput: () => session.edit(`path ${name}`, (path) => (path[name] = input.value)) });
    return { name, input, row: part("label", {}, label, input) };
  });
  const about = part("details", { className: "path" }, part("summary", {}, heading), ...fields.map(({ row }) => row));
  const general = part("ul", { className: "notes" });
  const empty = part("p", { className: "empty" }, EMPTY);
  const list = part("ol", { className: "steps" });
  const element = part("div", { className: "view" }, about, general, empty, list);

  const on = {
    edit: (key, name, value) => session.edit(`${key} ${name}`, (path) => (byKey(path, key)[name] = value)),
    change: (key, act) => session.change((path) => act(byKey(path, key))),
    move(key, by) {
      const from = indexOf(key);
      moveTo(from, from + by);
      const focused = element.getRootNode().activeElement;
      // A button that has just become useless loses the focus.
      if (focused?.disabled) cards.get(key).title.focus();
    },
    remove(key) {
      const index = indexOf(key);
      const { title } = session.state.path.steps[index];
      session.change(({ steps }) => steps.splice(index, 1));
      const next = session.state.path.steps[Math.min(index, session.state.path.steps.length - 1)];
      (next ? cards.get(next.key).title : about.firstChild).focus();
      announce(`Deleted: ${title}. Press Undo to get it back.`);
    },
    drag: startDrag,
  };
  const byKey = (path, key) => path.steps.find((step) => step.key === key);
  const indexOf = (key) => session.state.path.steps.findIndex((step) => step.key === key);

  function moveTo(from, to) {
    const count = session.state.path.steps.length;
    if (to === from || to < 0 || to >= count) return;
    session.change(({ steps }) => steps.splice(to, 0, ...steps.splice(from, 1)));
    announce(`Moved to place ${to + 1} of ${count}.`);
  }

  /** Show where the card would go, and move it there when it is released. */
  function startDrag(key, card, event) {
    const grip = event.composedPath()[0];
    const drag = new AbortController();
    const { signal } = drag;
    let to = indexOf(key);
    const from = to;
    grip.setPointerCapture(event.pointerId);
    card.classList.add("dragged");
    const follow = ({ clientY }) => {
      const middles = [...list.children].map((it) => it.getBoundingClientRect()).map(({ top, height }) => top + height / 2);
      to = middles.filter((middle, index) => index !== from && middle < clientY).length;
      [...list.children].forEach((it, index) => {
        it.classList.toggle("before", index === to && to < from);
        it.classList.toggle("after", index === to && to > from);
      });
    };
    const end = () => {
      drag.abort();
      for (const it of list.children) it.classList.remove("dragged", "before", "after");
      moveTo(from, to);
    };
    grip.addEventListener("pointermove", follow, { signal });
    grip.addEventListener("lostpointercapture", end, { signal });
  }

  function update() {
    const { path } = session.state;
    heading.textContent = path.title || "Untitled path";
    for (const { name, input } of fields) setValue(input, path[name]);
    empty.hidden = path.steps.length > 0;
    const { ofStep, ofPath } = sortProblems(path, session.check);
    showList(general, [...ofPath, ...(session.check.yaml ? [] : tooLong(path))]);
    for (const [key, card] of cards) {
      if (byKey(path, key)) continue;
      card.element.remove();
      cards.delete(key);
    }
    path.steps.forEach((step, index) => {
      const isNew = !cards.has(step.key);
      if (isNew) cards.set(step.key, createCard(step.key, on));
      const card = cards.get(step.key);
      card.update(step, index, path.steps.length, ofStep[index]);
      place(card.element, index);
      if (isNew) card.element.scrollIntoView({ block: "nearest" });
    });
  }

  /** Elements that are moved in the document lose the focus. */
  function place(card, index) {
    if (list.children[index] === card) return;
    const focused = card.getRootNode().activeElement;
    list.insertBefore(card, list.children[index] || null);
    if (card.contains(focused)) focused.focus();
  }

  return { element, update };
}

/** The server warns of this, too, if it can be reached. */
function tooLong({ steps }) {
  const count = steps.filter(choiceOf).length;
  if (count <= MOST_TOUR_STEPS) return [];
  return [`This tour has ${count} steps. Short tours get finished: 72 % of people finish one of three steps, 16 % one of seven. Mark steps as “Chat only”, or make two paths of it.`];
}

/** What the server said, at the steps that it is about: the place of an error is like `step 2 (Save), text`. */
function sortProblems(path, { errors = [], warnings = [] }) {
  const ids = stepIds(path);
  const ofStep = ids.map(() => []);
  const ofPath = [];
  for (const { place, message, remedy } of errors) {
    const [, number, field] = /^step (\d+).*?(?:, ([^,()]+))?$/.exec(place) || [];
    const where = field || (!number && place);
    (ofStep[number - 1] || ofPath).push(`${where ? `${where}: ` : ""}${message.replace(/\.$/, "")}. ${remedy || ""}`);
  }
  for (const { step, message } of warnings) (ofStep[ids.indexOf(step)] || ofPath).push(message);
  return { ofStep, ofPath };
}
