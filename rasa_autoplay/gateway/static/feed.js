import { atEnd } from "./page.js";
import { jittered } from "./server.js";

/**
 * The toast feed. EventSource gives up for good after 204, 401 or 503, and lets all browsers come back at the
 * same moment; so each connection is made here, once.
 *
 * @param url - gives the address for the next connection.
 * @param onOffer - takes the text of each offer, and of each tour that was ordered.
 * @param pauseMs - before the next connection; more after each one that failed.
 */
export function openFeed(url, onOffer, pauseMs, signal) {
  let source, timer, openedAt, failures = 0, attempt = 0;

  async function connect() {
    const mine = hangUp();
    try {
      const address = await url();
      if (mine !== attempt) return;
      source = new EventSource(address);
    } catch {
      // The host app has no token for us now.
      return again();
    }
    source.onopen = () => (openedAt = performance.now());
    source.onerror = again;
    for (const name of ["proactive", "tour"]) source.addEventListener(name, ({ data }) => onOffer(data));
  }

  function again() {
    // A connection that held for a moment was a good one: the next pause is a short one again.
    failures = performance.now() - openedAt > 900 ? 0 : failures + 1;
    hangUp();
    timer = setTimeout(connect, jittered(Math.min(pauseMs * 2 ** failures, 20000)));
  }

  function hangUp() {
    clearTimeout(timer);
    source?.close();
    openedAt = Infinity;
    return ++attempt;
  }

  atEnd(signal, hangUp);
  connect();
}
