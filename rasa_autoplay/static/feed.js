import { on } from "./page.js";
import { jittered } from "./server.js";

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 20000;
/** A connection that held this long was a good one: the next pause is a short one again. */
const STEADY_MS = 5000;

/**
 * The toast feed. EventSource gives up for good after 204, 401 or 503, and lets all browsers come back at the
 * same moment; so each connection is made here, once.
 *
 * @param url - gives the address for the next connection.
 * @param onOffer - takes the text of each offer.
 * @returns a function that ends it.
 */
export function openFeed(url, onOffer) {
  let source = null;
  let timer = 0;
  let failures = 0;
  let openedAt = Infinity;
  let attempt = 0;

  async function connect() {
    const mine = hangUp();
    try {
      const address = await url();
      if (mine !== attempt) return;
      source = new EventSource(address);
    } catch {
      return again(); // the host app has no token for us now
    }
    source.onopen = () => (openedAt = Date.now());
    source.onerror = again;
    source.addEventListener("proactive", (event) => onOffer(event.data));
  }

  function again() {
    failures = Date.now() - openedAt > STEADY_MS ? 0 : failures + 1;
    hangUp();
    timer = setTimeout(connect, jittered(Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS)));
  }

  function hangUp() {
    clearTimeout(timer);
    source?.close();
    openedAt = Infinity;
    return ++attempt;
  }

  const ignore = on(window, "online", connect);
  connect();
  return () => {
    hangUp();
    ignore();
  };
}
