import { onAbort } from "./dom.js";
import { jittered } from "./api.js";

/**
 * Open the toast feed and keep it open. EventSource stops for good after 204, 401 or 503, makes all browsers reconnect
 * at the same moment, and does not notice a connection that is half-open (after sleep, behind a VPN or NAT). Therefore
 * this function makes each new connection itself, also when two of the server's heartbeats have not come.
 *
 * @param url - returns the URL for the next connection.
 * @param on - what to call with the data of an event, by its name.
 * @param pauseMs - pause before the next connection; doubled after each failure.
 * @returns `check(reason)`, to be called when the user or the network comes back: see `onReturn`.
 */
export function openFeed(url, on, pauseMs, signal) {
  let source, timer, dueAt, isPausing, openedAt, failures = 0, connection = 0, heartbeatMs = 15000;

  async function connect() {
    const number = disconnect();
    expectHeartbeat();
    try {
      const address = await url();
      if (number !== connection) return;
      source = new EventSource(address);
    } catch {
      // The host app cannot give us a token now.
      if (number === connection) reconnect();
      return;
    }
    source.onopen = () => (openedAt = performance.now());
    source.onerror = reconnect;
    source.addEventListener("ping", ({ data }) => {
      heartbeatMs = data * 1000 || heartbeatMs;
      expectHeartbeat();
    });
    for (const event in on) {
      source.addEventListener(event, ({ data }) => {
        expectHeartbeat();
        on[event](data);
      });
    }
  }

  function reconnect() {
    // A connection that lasted for a moment counts as a success, so the next pause is short again.
    failures = performance.now() - openedAt > 900 ? 0 : failures + 1;
    disconnect();
    isPausing = true;
    connectIn(jittered(Math.min(pauseMs * 2 ** failures, 20000)));
  }

  const expectHeartbeat = () => connectIn(2 * heartbeatMs);

  function connectIn(ms) {
    clearTimeout(timer);
    dueAt = Date.now() + ms;
    timer = setTimeout(connect, ms);
  }

  function disconnect() {
    clearTimeout(timer);
    source?.close();
    isPausing = false;
    openedAt = Infinity;
    return ++connection;
  }

  onAbort(signal, disconnect);
  connect();
  // Timers stop while the computer sleeps and are late in hidden tabs, so the time of day counts too.
  return (reason) => {
    if (Date.now() > dueAt || reason === "online" || (isPausing && reason !== "tick")) connect();
  };
}
