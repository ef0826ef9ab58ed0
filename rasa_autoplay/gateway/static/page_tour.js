import { createSpotlight } from "./spotlight.js";
import { createSteps, isElementOf, shownElement } from "./tour_steps.js";

/** How often the page is looked at. No event says that an element was redrawn, shown by a class, or moved. */
const GLANCE_MS = 100;
/** Where nothing in the document changes, elements are looked for less often, because that costs more. */
const LOOK_MS = 1000;
/** An element that vanishes for less than this was only redrawn. */
const REDRAWN_MS = 600;
/** After this time, an element that was there is gone for good. */
const GONE_MS = 3000;

/**
 * Show a golden path's steps on the page, one at a time, and follow what the user does.
 *
 * The tour goes on when the user has done the step, in whatever way: by pointer, touch or keyboard, on any element that
 * the step means, or in a way that only the server sees (`onProgress`). If the element of a step vanishes, because its
 * menu was closed, the tour goes back to the step that opens it.
 *
 * @param tour - `{steps}`, each `{id, title, text, element, any?, several?, waits?}`.
 * @param context - `reached`, `done`: where to begin, and what is done already; `address`: the page that the tour was on
 *   before; `onStep(index)`: the tour has moved; `onProgress(listener)`: subscribes to
 *   `{done, complete, next}`; `leadsHere()`: resolves to whether the path includes the present page.
 * @returns a promise of `{outcome, step}`. The outcome is "finished"; "left" by the user; "missing", if the element of
 *   `step` did not appear; or "elsewhere", if the user has gone to a page that the path does not include.
 */
export function runOnPage({ steps }, { options, signal, onStep, onProgress, leadsHere, reached, done, address }) {
  const { texts } = options;
  const previousFocus = document.activeElement;
  const lifetime = new AbortController();
  const ended = lifetime.signal;
  const progress = createSteps(steps, reached);
  progress.merge(done);
  const spotlight = createSpotlight(options, {
    next() {
      mayFocus = true;
      advance(() => progress.moveTo(shown + 1));
    },
    close: () => end("left"),
  });
  /** The step that is drawn; after a step back, it is before the one that was reached. */
  let shown = progress.reached;
  let target, finish;
  /** The latest step that was reached and drawn. */
  let drawn = -1;
  let missingSince = performance.now();
  let patienceMs = options.anchorSeconds * 1000;
  /** The step's element was there before, so it is an earlier step that brings it back. */
  let mayStepBack = progress.reached > 0;
  /** The focus follows a click. It stays in a field that the user has just changed. */
  let mayFocus = true;
  /** The step whose element was pressed while the next step's element was not there. */
  let pressed = -1;
  let isAsking, lookedAt, isChanged = true;
  /** The server found the whole path done. */
  let isComplete;

  function tick() {
    if (ended.aborted) return;
    const now = performance.now();
    if (!isChanged && target?.isConnected && now - lookedAt < LOOK_MS) return spotlight.place();
    isChanged = false;
    lookedAt = now;
    look(now);
  }

  /** Draw the step that was reached, or, if its element is gone, the nearest earlier step that can be shown. */
  function look(now) {
    const { reached: index } = progress;
    if (pressed === index && elementOf(index + 1)) return advance(() => progress.moveTo(index + 1));
    const element = elementOf(index);
    if (element) return draw(index, element, now);
    const missingMs = now - missingSince;
    if (address !== location.href && missingMs > REDRAWN_MS) return checkPage(index);
    // Some things of several were done, and then the rest went away: the next step may follow.
    if (drawn === index && progress.wantsSeveral(index) && elementOf(index + 1)) return advance(() => progress.moveTo(index + 1));
    if (mayStepBack && missingMs > REDRAWN_MS) {
      const earlier = steps.slice(0, index).findLastIndex((_, at) => elementOf(at));
      if (earlier >= 0) return draw(earlier, elementOf(earlier), missingSince);
    }
    if (!target?.isConnected || !target.getClientRects().length || missingMs > LOOK_MS) hide();
    if (missingMs > patienceMs) end("missing", index);
  }

  const elementOf = (index) => steps[index] && shownElement(steps[index]);

  function draw(index, element, seenAt) {
    missingSince = seenAt;
    address = location.href;
    if (index === progress.reached) [mayStepBack, patienceMs, drawn] = [true, GONE_MS, index];
    if (element === target && index === shown) return spotlight.refresh(nextLabel(index));
    const { title, text } = steps[index];
    spotlight.show(element, { title, text, progress: `${index + 1} / ${steps.length}`, next: nextLabel(index) });
    if (mayFocus || document.activeElement === document.body) element.focus({ preventScroll: true });
    mayFocus = false;
    [shown, target] = [index, element];
    // A change does not leave a shadow root.
    const root = element.getRootNode();
    if (root !== document) listen(["change"], onDone, root);
  }

  /** Next leads on where the next step can be shown, or where only the user knows whether the step is done. */
  function nextLabel(index) {
    if (index === steps.length - 1) return progress.wantsSeveral(index) && texts.done;
    return (progress.wantsSeveral(index) || steps[index].waits || elementOf(index + 1)) && texts.next;
  }

  function hide() {
    target = null;
    spotlight.hide();
  }

  /** The page has changed under the tour. Only the server knows which pages the path includes. */
  async function checkPage(index) {
    if (isAsking) return;
    isAsking = true;
    const isOnPath = await leadsHere();
    isAsking = false;
    if (ended.aborted || elementOf(index)) return;
    if (!isOnPath) return end("elsewhere", index);
    address = location.href;
    missingSince = performance.now();
    [mayStepBack, patienceMs] = [true, options.anchorSeconds * 1000];
  }

  /** Apply what moves the tour, and draw the result at once. */
  function advance(move) {
    const before = progress.reached;
    move();
    pressed = -1;
    if (isComplete || progress.isFinished) return end("finished");
    if (progress.reached !== before) {
      missingSince = performance.now();
      [mayStepBack, patienceMs] = [false, options.anchorSeconds * 1000];
      onStep(progress.reached);
    }
    shown = progress.reached;
    isChanged = true;
    tick();
  }

  function end(outcome, index = shown) {
    if (ended.aborted) return;
    lifetime.abort();
    clearInterval(timer);
    changes.disconnect();
    if (outcome === "finished") spotlight.finish(texts.done);
    else spotlight.remove();
    if (document.activeElement === document.body) previousFocus?.focus();
    finish({ outcome, step: steps[Math.min(index, steps.length - 1)] });
  }

  /** Runs in the capture phase, before the app can stop the event, and goes on after the app has handled it. */
  function onDone(event) {
    const index = progress.doneBy(event, shown);
    if (index < 0) return;
    mayFocus = event.type === "click" && !progress.wantsSeveral(index);
    setTimeout(() => ended.aborted || advance(() => progress.complete(index, shown)));
  }

  /** Some menus, such as Radix', open on pointerdown or keydown and suppress the click. */
  function onPress(event) {
    const isMeant = event.type === "pointerdown" || ["Enter", " ", "ArrowDown"].includes(event.key);
    const isOnTarget = () => event.composedPath().some((node) => isElementOf(node, steps[shown]));
    const isField = event.composedPath()[0].matches?.("select,input,textarea");
    pressed = isMeant && !isField && isOnTarget() && !elementOf(shown + 1) ? shown : -1;
  }

  function onKey(event) {
    if (event.defaultPrevented) return;
    if (event.key === "Escape") end("left");
    if (event.key === "F6" && target) {
      event.preventDefault();
      if (spotlight.focus()) target.focus();
    }
  }

  const listen = (names, listener, where = window) => {
    for (const name of names) where.addEventListener(name, listener, { capture: where !== document, signal: ended });
  };
  listen(["click", "change"], onDone);
  listen(["pointerdown", "keydown"], onPress);
  listen(["scroll", "resize"], spotlight.place);
  listen(["keydown"], onKey, document);
  const changes = new MutationObserver(() => (isChanged = true));
  changes.observe(document, { subtree: true, childList: true, attributes: true });
  const timer = setInterval(tick, GLANCE_MS);
  onProgress(({ done, complete, next }) => {
    if (ended.aborted) return;
    isComplete = complete;
    advance(() => progress.merge(done, next));
  }, ended);
  signal.addEventListener("abort", () => end("left"), { signal: ended });
  return new Promise((done) => {
    finish = done;
    if (progress.isFinished) end("finished");
    else tick();
  });
}
