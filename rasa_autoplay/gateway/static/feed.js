import { onAbort } from "./dom.js";
import { jittered } from "./api.js";

/**
 * Open the toast feed and keep it open. EventSource stops for good after 204, 401 or 503, makes all browsers reconnect
 * at the same moment, and does not notice a connection that is half-open (after sleep, behind a VPN or NAT). Therefore
 * this function makes each new connection itself, also when two of the server's heartbeats have not come.
 *
 * If every tab has its own feed, none may hold a connection for long, because a browser allows six per host. And a proxy
 * may hold a stream back until it ends. In both cases this function asks for connections of a second, with pauses
 * between; behind a proxy it tries a stream again after ten minutes.
 *
 * @param url - returns the URL for a connection that ends after so many seconds; "" stands for no limit.
 * @param on - what to call with the data of an event, by its name.
 * @param isShared - whether the tabs share this feed.
 * @returns `check(reason)`, to be called when the user or the network comes back: see `onReturn`; and with "changed", after
 *   the URL has changed.
 */
export function openFeed(url, on, isShared, signal) {
  let source, timer, dueAt, isPausing, openedAt, failures = 0, connection = 0, heartbeatMs = 15000;
  // How many connections are short ones, before a stream is tried again.
  let polls = isShared ? 0 : Infinity, wait;

  async function connect() {
    const number = disconnect();
    wait = polls ? polls-- && 1 : "";
    connectIn(10000, () => connect((polls += 150)));
    try {
      const address = await url(wait);
      if (number !== connection) return;
      source = new EventSource(address);
    } catch {
      // The host app cannot give us a token now.
      if (number === connection) reconnect();
      return;
    }
    source.onopen = () => (openedAt = performance.now());
    source.onerror = reconnect;
    for (const event in on) {
      source.addEventListener(event, ({ data }) => {
        on[event](data);
        connectIn(2 * heartbeatMs);
      });
    }
  }

  on.ping = (data) => {
    // A proxy delivers a short connection when it has ended.
    openedAt -= wait * 1000;
    heartbeatMs = data * 1000 || heartbeatMs;
  };

  function reconnect() {
    // A connection that lasted for a moment counts as a success, so the next pause is short again.
    failures = performance.now() - openedAt > 900 ? 0 : failures + 1;
    disconnect();
    isPausing = true;
    connectIn(jittered(Math.min((1000 + wait * 3000) * 2 ** failures, 20000)));
  }

  function connectIn(ms, act = connect) {
    clearTimeout(timer);
    dueAt = Date.now() + ms;
    timer = setTimeout(act, ms);
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
    if (Date.now() > dueAt || ["online", "changed"].includes(reason) || (isPausing && reason !== "tick")) connect();
  };
}
