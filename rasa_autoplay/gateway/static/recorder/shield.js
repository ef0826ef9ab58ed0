import { make } from "../dom.js";

/** The events in the panel that the app must not see: they would close its menus, or press its keyboard shortcuts. */
const ISOLATED =
  "pointerdown pointerup mousedown mouseup click dblclick auxclick contextmenu touchstart touchmove touchend wheel keydown keypress keyup beforeinput input focusin focus copy cut paste dragstart".split(" ");
/** What closes, or takes the focus back, when the focus leaves it. */
const OVERLAYS = "dialog,[popover],[role=dialog],[role=alertdialog],[role=menu],[role=listbox],[aria-modal=true]";
const TYPED_INTO = "input:not([type=checkbox],[type=radio]),textarea,select,pre";

/** What the panel's elements do: element → {event's type: function}. */
const handlers = new WeakMap();

/**
 * Create an element of the panel.
 *
 * @param props - properties and attributes; `onclick` and the like are called by `shieldPage`, because no event in the
 *   panel gets past it.
 */
export function part(tag, props, ...content) {
  const element = make(tag, "", ...content);
  for (const [name, value] of Object.entries(props || {})) {
    if (name.startsWith("on")) handlers.set(element, { ...handlers.get(element), [name.slice(2)]: value });
    else if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  return element;
}

/** A button of the panel. */
export const action = (label, onclick, props) => part("button", { type: "button", onclick, ...props }, label);

/**
 * Keep the panel's events from the app. They are stopped before any listener of the app that is not registered on the
 * window earlier, and given to the panel's own functions instead.
 *
 * If the focus moves from one of the app's dialogs or menus into the panel, the app is not told: a menu would close,
 * and a focus trap would take the focus back.
 */
export function shieldPage(host, signal) {
  function guard(event) {
    const path = event.composedPath();
    if (!path.includes(host)) return;
    event.stopImmediatePropagation();
    // A press of a button leaves the focus where it is in the app.
    if (event.type === "mousedown" && !path[0].closest?.(TYPED_INTO)) event.preventDefault();
    for (const node of path.slice(0, path.indexOf(host))) handlers.get(node)?.[event.type]?.(event);
  }
  function hideLeaving(event) {
    if (event.relatedTarget === host && event.target.closest?.(OVERLAYS)) event.stopImmediatePropagation();
  }
  // The browser may scroll without waiting for these two.
  for (const type of ISOLATED) addEventListener(type, guard, { capture: true, passive: /wheel|touchmove/.test(type), signal });
  for (const type of ["focusout", "blur"]) addEventListener(type, hideLeaving, { capture: true, signal });
}
