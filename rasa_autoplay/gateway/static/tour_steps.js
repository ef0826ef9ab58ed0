import { attempt } from "./dom.js";
import { find, findAll } from "./find.js";

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
 * @param steps - `{id, element, any?, several?, waits?}`. A step can be done in several ways: on any element that one of
 *   its selectors matches. A step that `waits` is done by something else, so that only the server can tell.
 */
export function createSteps(steps, reached = 0) {
  const indexOf = (id) => steps.findIndex((step) => step.id === id);
  const areSeveral = (step) =>
    step.several ?? waysOf(step).some((way) => find(way)?.matches(CHOICES) && findAll(way).length > 1);
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
      const isDone = (step) => !step.waits && path.some((node) => isElementOf(node, step) && isDoneBy(event, node));
      return steps.findIndex((step, index) => index >= shown && isDone(step));
    },
  };
}

/** The selectors of the ways to do a step, in order. */
export const waysOf = ({ element, any = [] }) => [element, ...any];

/** The element that the tour shows: that of the first way whose element the page has now. Undefined if it has none. */
export function shownElement(step) {
  for (const way of waysOf(step)) {
    const element = find(way);
    if (element) return element;
  }
}

/** Whether a node is one of the elements that a step means, also in open shadow roots (`host >> inner`). */
export const isElementOf = (node, step) =>
  waysOf(step).some((way) => {
    const inner = way.split(">>").pop();
    return attempt(() => node.matches(inner)) && (inner === way || findAll(way).includes(node));
  });

/** Fields are done when their value changes; everything else is done by a click, which keyboards make too. */
function isDoneBy(event, element) {
  if (event.type === "change") return true;
  const path = event.composedPath();
  const inside = path.slice(0, path.indexOf(element) + 1);
  return !inside.some((node) => node.matches?.(`${FIELDS},label`));
}
