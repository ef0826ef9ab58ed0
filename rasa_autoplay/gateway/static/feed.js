import { onAbort } from "./dom.js";
import { jittered } from "./api.js";

/**
 * Open the toast feed and keep it open. EventSource stops for good after 204, 401 or 503, and makes all browsers
 * reconnect at the same moment. Therefore this function makes each new connection itself.
 *
 * @param url - returns the URL for the next connection.
 * @param onOffer - receives the data of each offer and each ordered tour.
 * @param pauseMs - pause before the next connection; doubled after each failure.
 */
export function openFeed(url, onOffer, pauseMs, signal) {
  let source, timer, openedAt, failures = 0, connection = 0;

  async function connect() {
    const number = disconnect();
    try {
      const address = await url();
      if (number !== connection) return;
      source = new EventSource(address);
    } catch {
      // The host app cannot give us a token now.
      return reconnect();
    }
    source.onopen = () => (openedAt = performance.now());
    source.onerror = reconnect;
    for (const name of ["proactive", "tour"]) source.addEventListener(name, ({ data }) => onOffer(data));
  }

  function reconnect() {
    // A connection that lasted for a moment counts as a success, so the next pause is short again.
    failures = performance.now() - openedAt > 900 ? 0 : failures + 1;
    disconnect();
    timer = setTimeout(connect, jittered(Math.min(pauseMs * 2 ** failures, 20000)));
  }

  function disconnect() {
    clearTimeout(timer);
    source?.close();
    openedAt = Infinity;
    return ++connection;
  }

  onAbort(signal, disconnect);
  connect();
}
