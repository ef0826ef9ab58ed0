import { attempt, onAbort } from "./dom.js";

const TICK_MS = 200;
/** Between two steps, a product may show nothing for a moment. */
const GONE_AFTER_MS = 2000;
/** If a product never reports the end, we stop waiting after this time. */
const LOST_AFTER_MS = 600000;

/** The flow that currently listens to a product's events, by product. */
const activeFlows = new Map();
/** The product globals that we have subscribed to. We subscribe once, because not every product can unsubscribe. */
const subscribed = new WeakSet();

/**
 * Start a product's flow and follow it to its end.
 *
 * @param product - an entry of products.js.
 * @returns a promise that resolves when the flow has ended, and rejects if it did not start. Then it is also cancelled.
 */
export function runFlow(product, { flow_id: id }, { options, signal, onStep }) {
  const calledAt = performance.now();
  const it = () => window[product.global];
  let isEnded, isStarted, shownAt, step, done, refuse;

  const handlers = {
    /** The flow is visible, at this step if the product reports steps. */
    shown(flowId, now = step) {
      if (isEnded || String(flowId) !== id) return;
      if (step !== undefined && now !== step) onStep();
      step = now;
      shownAt = performance.now();
    },
    ended: (flowId) => shownAt && String(flowId) === id && end(),
  };

  function end(problem) {
    if (isEnded) return;
    isEnded = true;
    clearInterval(timer);
    activeFlows.delete(product);
    if (!problem) return done();
    // It must not appear late, while the chat already helps.
    if (isStarted) attempt(() => product.stop?.(it(), id));
    refuse(problem);
  }

  async function start() {
    while (!isEnded && !(await product.isReady(it(), id))) await new Promise((next) => setTimeout(next, TICK_MS));
    if (isEnded) return;
    listen(product, it());
    isStarted = true;
    if ((await product.start(it(), id)) === false) throw new Error(`${product.global} refused the flow ${id}`);
    if (!product.currentStep && !product.reportsStart) handlers.shown(id);
    tick();
  }

  function tick() {
    if (isEnded) return;
    const now = isStarted ? attempt(() => product.currentStep?.(it(), id)) : null;
    if (now != null) handlers.shown(id, now);
    const sinceMs = performance.now() - (shownAt || calledAt);
    if (!shownAt && sinceMs > options.anchorSeconds * 1000) end(new Error(`${product.global} did not start in time`));
    if (shownAt && sinceMs > (product.currentStep ? GONE_AFTER_MS : LOST_AFTER_MS)) end();
  }

  activeFlows.set(product, handlers);
  const timer = setInterval(tick, TICK_MS);
  onAbort(signal, () => end());
  return new Promise((...ways) => {
    [done, refuse] = ways;
    start().catch((problem) => end(problem || new Error(`${product.global} failed`)));
  });
}

function listen(product, it) {
  if (!product.listen || subscribed.has(it)) return;
  subscribed.add(it);
  product.listen(it, {
    shown: (...what) => activeFlows.get(product)?.shown(...what),
    ended: (...what) => activeFlows.get(product)?.ended(...what),
  });
}
