import { addStyles, find, on } from "./page.js";
import { TOUR_CSS, paint } from "./looks.js";

/** How often what no event tells (an element that moves, a class far away that shows one) is looked after. */
const LOOK_EVERY_MS = 150;
/** How long an element that was there may be gone: the host app may only be drawing it anew. */
const GONE_MS = 3000;
/** driver.js takes these for itself, and takes them away afterwards. */
const ARIA = ["aria-haspopup", "aria-expanded", "aria-controls"];

/**
 * What can show a tour, by `tour.provider`.
 *
 * `isReady(tour)`: could it show that tour on the page as it is now? `run(tour, context)`: show it; resolves to
 * `{missing}`, the step whose element did not come, or to `{}` when the tour was finished or left; rejects when
 * it cannot run at all.
 */
export const PROVIDERS = {
  driverjs: { isReady: (tour) => !!find(tour.steps?.[0]?.element), run: runWithDriver },
};

/** The first of an offer's tours that can be shown on this page. */
export function readyTour(tours) {
  return (tours || []).find((tour) => PROVIDERS[tour.provider]?.isReady(tour));
}

/**
 * driver.js draws; when to go on is decided here, because an app's click handlers may stop the event, draw the
 * element anew, or open the next step's menu late.
 */
async function runWithDriver({ steps }, { options, onStep, onStop, announce }) {
  const makeDriver = options.driver || window.driver?.js?.driver;
  if (!makeDriver) throw new Error("driver.js is not on the page");
  const { texts, theme } = options;
  const cameFrom = document.activeElement;
  let index = 0;
  let target = null;
  let wasThere = performance.now();
  let place = "";
  let finish;
  let isOver = false;
  const drawn = makeDriver({
    animate: false,
    allowKeyboardControl: false,
    overlayOpacity: 0.5,
    stagePadding: 6,
    stageRadius: 8,
    popoverClass: "rasa-autoplay-tour",
    onDestroyed: () => end(),
  });

  function look() {
    if (isOver) return;
    const element = find(steps[index].element);
    if (!element) {
      const patience = target ? GONE_MS : options.anchorSeconds * 1000;
      if (performance.now() - wasThere > patience) end(steps[index]);
      return;
    }
    wasThere = performance.now();
    if (element !== target) pointAt(element);
    const box = JSON.stringify(element.getBoundingClientRect());
    if (box !== place) drawn.refresh();
    place = box;
    const next = drawn.getState("popover")?.nextButton;
    if (next) next.style.display = find(steps[index + 1]?.element) ? "block" : "none";
  }

  function pointAt(element) {
    const { title, text } = steps[index];
    const popover = {
      title: escaped(title),
      description: escaped(text),
      showButtons: ["next", "close"],
      nextBtnText: escaped(texts.next),
      showProgress: true,
      progressText: escaped(texts.progress.replace("{step}", index + 1).replace("{steps}", steps.length)),
      onNextClick: () => go(index + 1),
      onCloseClick: () => end(),
      onPopoverRender({ wrapper, closeButton }) {
        closeButton.setAttribute("aria-label", texts.close);
        paint(wrapper, theme);
        // driver.js would take the focus out of a menu that has just been opened, and the menu would close.
        wrapper.inert = true;
        setTimeout(() => (wrapper.inert = false));
      },
    };
    keepingAria([drawn.getState("activeElement"), element], () => drawn.highlight({ element, popover }));
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
    if (isOver) return;
    isOver = true;
    const focused = document.activeElement;
    keepingAria([drawn.getState("activeElement")], () => drawn.destroy());
    ends.forEach((stop) => stop());
    if (!focused?.isConnected || focused === document.body) cameFrom?.focus?.();
    finish(missing ? { missing } : {});
  }

  /** At the capturing stage, before the app can stop it; what the app does on this click comes first, though. */
  function onClick(event) {
    const at = index;
    const { element } = steps[at];
    if (!find(element) || !event.composedPath().some((node) => node.matches?.(element))) return;
    setTimeout(() => at === index && !isOver && go(at + 1));
  }

  /** driver.js keeps Tab within its popover and the one element; we let it lead out of the popover only. */
  function onTab(event) {
    if (event.key === "Tab" && !event.target.closest?.(".driver-popover")) event.stopPropagation();
  }

  const changes = new MutationObserver(look);
  const ticking = setInterval(look, LOOK_EVERY_MS);
  const ends = [
    on(window, "click", onClick, true),
    on(window, "scroll", look, true),
    on(window, "keydown", (event) => event.key === "Escape" && !event.defaultPrevented && end()),
    on(document, "keydown", onTab),
    addStyles(document, TOUR_CSS),
    () => changes.disconnect(),
    () => clearInterval(ticking),
  ];
  onStop(() => end());
  return new Promise((done) => {
    finish = done;
    changes.observe(document.documentElement, { childList: true, subtree: true, attributes: true });
    look();
  });
}

/** driver.js sets titles and texts as HTML. */
const escaped = (words) => String(words ?? "").replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

function keepingAria(elements, act) {
  const kept = elements.flatMap((element) => ARIA.map((name) => [element, name, element?.getAttribute(name)]));
  act();
  for (const [element, name, value] of kept) {
    if (value != null) element.setAttribute(name, value);
    else element?.removeAttribute(name);
  }
}
