import { nameOf } from "../elements/accessible_name.js";
import { capturedEvent } from "../elements/captured_event.js";
import { describe } from "../elements/describe.js";
import { createRedaction } from "../elements/privacy.js";
import { findHits, rankedSelectors } from "../elements/selectors.js";
import { stepOf } from "../elements/step_of.js";
import { pageAddress } from "./page_address.js";

/** A page so soon after an act was caused by it, also where the app goes back in the history (ms). */
const CAUSED_MS = 1000;
/** A page so soon after another was a redirect (ms). */
const REDIRECT_MS = 2000;
/** The chat widget is not part of the app. */
const CHAT = ".rw-widget-container";

/** Enough to see what the names of a table's rows have in common. */
const MOST_PEERS = 20;

let known = {};

/** The names of all elements of which any will do; nothing for a choice that means one. */
const peersOf = (choice) => (choice?.isAnyOf ? findHits(choice.selector).slice(0, MOST_PEERS).map((it) => nameOf(it).name) : null);

/** The page as users see it in the address bar, without what identifies a search or a place in the page. */
export function currentPage() {
  const { href } = location;
  if (known.href !== href) {
    const { pathname, hash } = new URL(pageAddress());
    known = { href, page: pathname + (/^#!?\//.test(hash) ? hash.split("?")[0] : "") };
  }
  return known.page;
}

/**
 * Call `on.act({element, act, seen, peers, choices, event, isDouble})` for each click, choice or submit of the user, and
 * `on.page(event)` for each page that no such act has led to. What happens in the panel is neither.
 *
 * @param last - `{page, at, acted}` of the tab's page before, if there was one; it is kept up to date.
 * @returns a function to be called from time to time, because no event says that an app has changed the address. It
 *   returns whether that happened.
 */
export function watchActs(last, on, signal) {
  let isTraversed = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  let actedAt = -Infinity;

  /** The control that the pointer went down on, and where it was then. */
  let pressed;
  function onPress(event) {
    const found = stepOf(event);
    pressed = found && { found: { ...found, target: null }, box: found.element.getBoundingClientRect() };
  }

  /**
   * The control that was pressed where the click goes to the page around it. Many menus open when the pointer goes down,
   * and make the rest of the page inert.
   */
  function pressedAt({ type, clientX: x, clientY: y }) {
    if (type !== "click" || !pressed) return null;
    const { left, right, top, bottom } = pressed.box;
    return left <= x && x <= right && top <= y && y <= bottom ? pressed.found : null;
  }

  function onEvent(event) {
    const [target] = event.composedPath();
    if (!event.isTrusted || target.closest?.(CHAT)) return;
    actedAt = performance.now();
    last.acted = true;
    const found = stepOf(event) || pressedAt(event);
    pressed = null;
    if (!found) return;
    const { element, act } = found;
    const captured = event.currentTarget === window && found.target ? capturedEvent(act, found.target) : null;
    if (captured) captured.properties.$current_url = pageAddress();
    const choices = rankedSelectors(element);
    on.act({ element, act, isDouble: event.detail > 1, seen: describe(element), peers: peersOf(choices[0]), choices, event: captured });
  }

  /** Changes and submits do not leave a shadow root, so that analytics never sees them. */
  const roots = new WeakSet();
  function watchRoots(event) {
    for (const node of event.composedPath()) {
      if (!(node instanceof ShadowRoot) || roots.has(node)) continue;
      roots.add(node);
      for (const type of ["change", "submit"]) node.addEventListener(type, onEvent, { capture: true, signal });
    }
  }

  function lookAtPage() {
    const page = currentPage();
    if (page === last.page) return false;
    const isFirst = !last.page;
    const isRedirect = Date.now() - last.at < REDIRECT_MS;
    const wasCaused = last.acted && !(isTraversed && performance.now() - actedAt > CAUSED_MS);
    Object.assign(last, { page, at: Date.now(), acted: false });
    isTraversed = false;
    if (!isFirst && !wasCaused && !isRedirect) on.page({ event: "$pageview", properties: { $current_url: pageAddress(), title: createRedaction(document.body)(document.title) } });
    return true;
  }

  for (const type of ["click", "change", "submit"]) addEventListener(type, onEvent, { capture: true, signal });
  addEventListener("pointerdown", onPress, { capture: true, signal });
  addEventListener("focusin", watchRoots, { capture: true, signal });
  addEventListener("popstate", () => (isTraversed = true), { capture: true, signal });
  lookAtPage();
  return lookAtPage;
}
