import { addStyles, find, onAbort } from "./dom.js";
import { FILLED, FOCUS, SHARED, paint } from "./theme.js";

/**
 * Run a tour with driver.js. driver.js draws the popovers. This function decides when to go to the next step, because
 * an app's click handlers may stop the event, redraw the element, or open the next step's menu late.
 */
export async function runWithDriver({ steps }, { options, signal, onStep, announce }) {
  const previousFocus = document.activeElement;
  const lifetime = new AbortController();
  const ended = lifetime.signal;
  let index = 0;
  let lastSeenAt = performance.now();
  /** The step whose element was pressed before the next step's element appeared. */
  let pressed = -1;
  let target, place, finish;
  const drawn = (options.driver || window.driver.js.driver)({
    animate: false,
    allowKeyboardControl: false,
    overlayOpacity: 0.5,
    popoverClass: "rasa-autoplay",
  });

  function update() {
    if (ended.aborted) return;
    const now = performance.now();
    const isNextThere = find(steps[index + 1]?.element);
    if (isNextThere && pressed === index) return go(index + 1);
    const element = find(steps[index].element);
    if (!element) {
      // An element that was there may just be redrawn.
      if (now - lastSeenAt > (target ? 3000 : options.anchorSeconds * 1000)) end(steps[index]);
      return;
    }
    lastSeenAt = now;
    if (element !== target) pointAt(element);
    const box = JSON.stringify(element.getBoundingClientRect());
    if (box !== place) drawn.refresh();
    place = box;
    const { style } = drawn.getState("popover").nextButton;
    style.display = isNextThere ? "block" : "none";
  }

  function pointAt(element) {
    const { title, text } = steps[index];
    const popover = {
      title: " ",
      description: " ",
      // A menu or toolbar that the step needs may open below or beside the element.
      side: "top",
      showButtons: ["next", "close"],
      nextBtnText: options.texts.next,
      showProgress: true,
      progressText: `${index + 1} / ${steps.length}`,
      onNextClick: () => go(index + 1),
      onCloseClick: () => end(),
      onPopoverRender(parts) {
        // driver.js would set these texts as HTML.
        parts.title.textContent = title;
        parts.description.textContent = text;
        parts.closeButton.ariaLabel = options.texts.close;
        paint(parts.wrapper, options.theme);
        // Otherwise driver.js moves the focus out of a menu that has just opened, and the menu closes.
        parts.wrapper.inert = true;
        setTimeout(() => (parts.wrapper.inert = false));
      },
    };
    protectAttributes([drawn.getState("activeElement"), element], () => drawn.highlight({ element, popover }));
    // With this class, driver.js' style sheet makes the rest of the page unclickable.
    document.body.classList.remove("driver-active");
    if (!target || document.activeElement === document.body) element.focus({ preventScroll: true });
    if (!target) announce(`${title}. ${text}`);
    target = element;
  }

  function go(to) {
    if (to === steps.length) return end();
    index = to;
    target = null;
    lastSeenAt = performance.now();
    onStep();
    update();
  }

  function end(missing) {
    if (ended.aborted) return;
    lifetime.abort();
    clearInterval(timer);
    protectAttributes([drawn.getState("activeElement")], () => drawn.destroy());
    if (document.activeElement === document.body) previousFocus?.focus();
    finish(missing);
  }

  /** Runs in the capture phase, before the app can stop the event, and continues after the app has handled the click. */
  function onClick(event) {
    const at = index;
    if (isOnTarget(event)) setTimeout(() => at === index && !ended.aborted && go(at + 1));
  }

  /** Some menus, such as Radix', open on pointerdown or keydown and suppress the click. */
  function onPress(event) {
    const isMeant = event.type === "pointerdown" || ["Enter", " ", "ArrowDown"].includes(event.key);
    pressed = isMeant && isOnTarget(event) && !find(steps[index + 1]?.element) ? index : -1;
  }

  function isOnTarget(event) {
    const { element } = steps[index];
    return find(element) && event.composedPath().some((node) => node.matches?.(element));
  }

  function onKey(event) {
    if (event.key === "Escape" && !event.defaultPrevented) end();
    // driver.js traps Tab in its popover and the highlighted element. We only keep the trap inside the popover.
    if (event.key === "Tab" && !event.target.closest(".driver-popover")) event.stopPropagation();
  }

  addEventListener("click", onClick, { capture: true, signal: ended });
  for (const press of ["pointerdown", "keydown"]) addEventListener(press, onPress, { capture: true, signal: ended });
  document.addEventListener("keydown", onKey, { signal: ended });
  // No event reports that an element was redrawn, shown by a class on an ancestor, or moved.
  const timer = setInterval(update, 100);
  onAbort(ended, addStyles(document, TOUR_CSS));
  onAbort(signal, () => end());
  return new Promise((done) => {
    finish = done;
    update();
  });
}

/** Keep driver.js from changing attributes such as aria-expanded and removing them afterwards. */
function protectAttributes(elements, act) {
  const own = elements.filter(Boolean);
  for (const it of own) it.setAttribute = it.removeAttribute = () => {};
  act();
  for (const it of own) delete it.setAttribute && delete it.removeAttribute;
}

/**
 * Styles for the page while a tour runs. driver.js' overlay blocks all clicks, but a step such as "choose in this
 * toolbar" needs more than one element.
 */
const TOUR_CSS = `
.driver-overlay,.driver-overlay *{pointer-events:none!important}
.driver-popover.rasa-autoplay{${SHARED};max-width:min(320px,100vw - 24px);padding:18px;overflow-wrap:anywhere}
.rasa-autoplay .driver-popover-title{font-size:16px;padding-right:20px}
.rasa-autoplay :is(.driver-popover-progress-text,.driver-popover-close-btn){color:var(--muted)}
.rasa-autoplay .driver-popover-next-btn{${FILLED}!important;padding:7px 16px;font-size:14px;font-weight:600;text-shadow:none}
.rasa-autoplay ${FOCUS}
.rasa-autoplay .driver-popover-arrow{opacity:0}`;
