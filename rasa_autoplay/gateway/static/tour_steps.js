import { attempt, find, findAll } from "./dom.js";

/** What changes a value. A click on it, or on its label, is only the beginning of that. */
const FIELDS =
  "select,textarea,input:not([type=button],[type=submit],[type=reset],[type=image]),[contenteditable]:not([contenteditable=false]),[role=combobox],[role=listbox],[role=textbox],[role=spinbutton],[role=slider]";
const CHOICES = "input[type=checkbox],[role=checkbox],[role=menuitemcheckbox],[role=switch]";

/**
 * Follows which steps of a tour are behind the user.
 *
 * A step is behind once it was done, or once a later step was done. A step that wants several things, such as ticking
 * some of many rows, stays until the user presses Next or does a later step.
 *
 * @param steps - `{id, element, several?, waits?}`. The element of a step is any that its selector matches. A step that
 *   `waits` is done by something else than its element, so that only the server can tell.
 */
export function createSteps(steps, reached = 0) {
  const indexOf = (id) => steps.findIndex((step) => step.id === id);
  const areSeveral = ({ several, element }) =>
    several ?? (Boolean(find(element)?.matches(CHOICES)) && findAll(element).length > 1);
  /** What is found once stays, because counting thousands of rows takes time. */
  const known = new Map();
  function wantsSeveral(step) {
    if (!known.get(step)) known.set(step, areSeveral(step));
    return known.get(step);
  }

  return {
    get reached() {
      return reached;
    },
    get isFinished() {
      return reached >= steps.length;
    },
    wantsSeveral: (index) => Boolean(steps[index] && wantsSeveral(steps[index])),

    /** Go on after a step, or back to one. */
    moveTo: (index) => (reached = index),

    /** The user did a step. It counts from the step that is shown, and never moves the tour back. */
    complete(index, shown = reached) {
      if (index < shown) return;
      const isTicked = wantsSeveral(steps[index]);
      if (index === shown) reached = isTicked ? index : index + 1;
      else reached = Math.max(reached, isTicked ? index : index + 1);
    },

    /** The server saw these steps done, and, if a step that only the chat explains was among them, `next` comes next. */
    merge(ids, next) {
      for (const index of ids.map(indexOf)) if (index >= reached) this.complete(index);
      reached = Math.max(reached, indexOf(next));
    },

    /** The step that an event does: the one that is shown if it fits, else the next later one that fits; -1 for none. */
    doneBy(event, shown) {
      const path = event.composedPath();
      const isDone = ({ element, waits }) => !waits && path.some((node) => isElementOf(node, element) && isDoneBy(event, node));
      return steps.findIndex((step, index) => index >= shown && isDone(step));
    },
  };
}

/** Whether a node is one of the elements that a selector means, also in open shadow roots (`host >> inner`). */
export function isElementOf(node, selector) {
  const inner = selector.split(">>").pop();
  if (!attempt(() => node.matches(inner))) return false;
  return inner === selector || findAll(selector).includes(node);
}

/** Fields are done when their value changes; everything else is done by a click, which keyboards make too. */
function isDoneBy(event, element) {
  if (event.type === "change") return true;
  const path = event.composedPath();
  const inside = path.slice(0, path.indexOf(element) + 1);
  return !inside.some((node) => node.matches?.(`${FIELDS},label`));
}
