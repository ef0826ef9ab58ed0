import { atEnd, quietly } from "./page.js";

const TICK_MS = 200;
/** Between two steps there may be nothing on the page for a moment. */
const GONE_AFTER_MS = 2000;
/** An end that we are never told of must not keep us silent for ever. */
const LOST_AFTER_MS = 600000;

/** Who hears what a product tells, by product. */
const hearers = new Map();
/** The globals that are listened to. Each once: not every product lets one stop. */
const heard = new WeakSet();

/**
 * Run a product's flow: start it in time, and follow it to its end.
 *
 * @param product - an entry of products.js.
 * @returns a promise: resolves when the flow is over; rejects when it did not begin, and then it will not either.
 */
export function runFlow(product, { flow_id: id }, { options, signal, onStep }) {
  const calledAt = performance.now();
  const it = () => window[product.global];
  let isOver, isStarted, shownAt, step, done, refuse;

  const hear = {
    /** It is on the page; at which step, where the product says so. */
    shown(flowId, now = step) {
      if (isOver || String(flowId) !== id) return;
      if (step !== undefined && now !== step) onStep();
      step = now;
      shownAt = performance.now();
    },
    over: (flowId) => shownAt && String(flowId) === id && end(),
  };

  function end(problem) {
    if (isOver) return;
    isOver = true;
    clearInterval(ticking);
    hearers.delete(product);
    if (!problem) return done();
    // It must not come late, when the chat is helping already.
    if (isStarted) quietly(() => product.stop?.(it(), id));
    refuse(problem);
  }

  async function start() {
    while (!isOver && !(await product.isReady(it(), id))) await new Promise((next) => setTimeout(next, TICK_MS));
    if (isOver) return;
    listen(product, it());
    isStarted = true;
    if ((await product.start(it(), id)) === false) throw new Error(`${product.global} refused the flow ${id}`);
    if (!product.look && !product.tellsStart) hear.shown(id);
    tick();
  }

  function tick() {
    if (isOver) return;
    const now = isStarted ? quietly(() => product.look?.(it(), id)) : null;
    if (now != null) hear.shown(id, now);
    const sinceMs = performance.now() - (shownAt || calledAt);
    if (!shownAt && sinceMs > options.anchorSeconds * 1000) end(new Error(`${product.global} did not start in time`));
    if (shownAt && sinceMs > (product.look ? GONE_AFTER_MS : LOST_AFTER_MS)) end();
  }

  hearers.set(product, hear);
  const ticking = setInterval(tick, TICK_MS);
  atEnd(signal, () => end());
  return new Promise((...ways) => {
    [done, refuse] = ways;
    start().catch((problem) => end(problem || new Error(`${product.global} failed`)));
  });
}

function listen(product, it) {
  if (!product.listen || heard.has(it)) return;
  heard.add(it);
  product.listen(it, {
    shown: (...what) => hearers.get(product)?.shown(...what),
    over: (...what) => hearers.get(product)?.over(...what),
  });
}
