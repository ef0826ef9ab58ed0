import { addStyles, atEnd, find } from "./page.js";
import { FILLED, FOCUS, SHARED, paint } from "./looks.js";

/**
 * driver.js draws; when to go on is decided here, because an app's click handlers may stop the event, draw the
 * element anew, or open the next step's menu late.
 */
export async function runWithDriver({ steps }, { options, signal, onStep, announce }) {
  const cameFrom = document.activeElement;
  const life = new AbortController();
  const over = life.signal;
  let index = 0;
  let wasThere = performance.now();
  /** The step whose element was pressed before there was anything of the next step. */
  let pressed = -1;
  let target, place, finish;
  const drawn = (options.driver || window.driver.js.driver)({
    animate: false,
    allowKeyboardControl: false,
    overlayOpacity: 0.5,
    popoverClass: "rasa-autoplay",
  });

  function look() {
    if (over.aborted) return;
    const now = performance.now();
    const isNextThere = find(steps[index + 1]?.element);
    if (isNextThere && pressed === index) return go(index + 1);
    const element = find(steps[index].element);
    if (!element) {
      // One that was there may only be being drawn anew.
      if (now - wasThere > (target ? 3000 : options.anchorSeconds * 1000)) end(steps[index]);
      return;
    }
    wasThere = now;
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
      // Below or beside it may stand what the step asks for: a menu, a toolbar.
      side: "top",
      showButtons: ["next", "close"],
      nextBtnText: options.texts.next,
      showProgress: true,
      progressText: `${index + 1} / ${steps.length}`,
      onNextClick: () => go(index + 1),
      onCloseClick: () => end(),
      onPopoverRender(parts) {
        // driver.js itself would set them as HTML.
        parts.title.textContent = title;
        parts.description.textContent = text;
        parts.closeButton.ariaLabel = options.texts.close;
        paint(parts.wrapper, options.theme);
        // driver.js would take the focus out of a menu that has just been opened, and the menu would close.
        parts.wrapper.inert = true;
        setTimeout(() => (parts.wrapper.inert = false));
      },
    };
    untouched([drawn.getState("activeElement"), element], () => drawn.highlight({ element, popover }));
    // With this class driver.js' style sheet makes all else on the page unclickable.
    document.body.classList.remove("driver-active");
    if (!target || document.activeElement === document.body) element.focus({ preventScroll: true });
    if (!target) announce(`${title}. ${text}`);
    target = element;
  }

  function go(to) {
    if (to === steps.length) return end();
    index = to;
    target = null;
    wasThere = performance.now();
    onStep();
    look();
  }

  function end(missing) {
    if (over.aborted) return;
    life.abort();
    clearInterval(ticking);
    untouched([drawn.getState("activeElement")], () => drawn.destroy());
    if (document.activeElement === document.body) cameFrom?.focus();
    finish(missing);
  }

  /** At the capturing stage, before the app can stop it; what the app does on this click comes first, though. */
  function onClick(event) {
    const at = index;
    if (isOnTarget(event)) setTimeout(() => at === index && !over.aborted && go(at + 1));
  }

  /** A menu that opens on the press, as Radix' do, takes the pointer or the key away, and no click comes of it. */
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
    // driver.js keeps Tab within its popover and the one element; we let it lead out of the popover only.
    if (event.key === "Tab" && !event.target.closest(".driver-popover")) event.stopPropagation();
  }

  addEventListener("click", onClick, { capture: true, signal: over });
  for (const press of ["pointerdown", "keydown"]) addEventListener(press, onPress, { capture: true, signal: over });
  document.addEventListener("keydown", onKey, { signal: over });
  // No event tells of an element that is drawn anew, shown by a class far away, or moved by what grows above it.
  const ticking = setInterval(look, 100);
  atEnd(over, addStyles(document, TOUR_CSS));
  atEnd(signal, () => end());
  return new Promise((done) => {
    finish = done;
    look();
  });
}

/** driver.js takes aria-expanded and others for itself, and afterwards takes them away. */
function untouched(elements, act) {
  const own = elements.filter(Boolean);
  for (const it of own) it.setAttribute = it.removeAttribute = () => {};
  act();
  for (const it of own) delete it.setAttribute && delete it.removeAttribute;
}

/**
 * The page's while a tour runs. driver.js' overlay would take all clicks, but a step such as "choose in this
 * toolbar" needs more than the one element.
 */
const TOUR_CSS = `
.driver-overlay,.driver-overlay *{pointer-events:none!important}
.driver-popover.rasa-autoplay{${SHARED};max-width:min(320px,100vw - 24px);padding:18px;overflow-wrap:anywhere}
.rasa-autoplay .driver-popover-title{font-size:16px;padding-right:20px}
.rasa-autoplay :is(.driver-popover-progress-text,.driver-popover-close-btn){color:var(--muted)}
.rasa-autoplay .driver-popover-next-btn{${FILLED}!important;padding:7px 16px;font-size:14px;font-weight:600;text-shadow:none}
.rasa-autoplay ${FOCUS}
.rasa-autoplay .driver-popover-arrow{opacity:0}`;
