import { CONTROLS } from "./roles.js";

/** Tags, ids and classes of the copilot's own interface, as the gateway knows them. */
const OWN = /(?:^|\s)(?:rasa-autoplay|rw-|driver-popover)/;
const TICKED = "input[type=checkbox],input[type=radio]";
/** Fields that are done when their value changes. */
const CHANGED = "select,textarea,input:not([type=button],[type=submit],[type=reset],[type=image],[type=checkbox],[type=radio])";

/**
 * Which control a click, change or submit of the user meant.
 *
 * One act of the user makes several events. A click into a field, the change of a check box, a click on a label whose
 * field gets a click too, and the submit that a button causes, give null.
 *
 * @returns `{element, act, target}`, or null. `target` is the innermost element, which analytics sees.
 */
export function stepOf(event) {
  const path = event.composedPath().filter((node) => node.nodeType === Node.ELEMENT_NODE);
  const [target] = path;
  const isLeftOut = (it) => it.matches(".ph-no-capture") || OWN.test(`${it.localName} ${it.id} ${it.getAttribute("class")}`);
  if (!target || path.some(isLeftOut)) return null;
  if (event.type === "submit") return event.submitter ? null : { element: target, act: "submit", target };
  if (event.type === "change") return target.matches(TICKED) ? null : { element: target, act: "change", target };
  const element = path.find((it) => it.matches(CONTROLS)) || pressable(path);
  if (!element || element.matches(CHANGED) || element.control) return null;
  return { element, act: "click", target };
}

/** The outermost of the elements that look as if they can be pressed, because the others only inherit that look. */
function pressable(path) {
  const end = path.findIndex((it) => it === document.body || getComputedStyle(it).cursor !== "pointer");
  return path[end - 1];
}
