import { attempt, onAbort } from "./dom.js";
import { requestLock } from "./locks.js";

const KEY = "rasa-autoplay";

/**
 * The state that the tabs of one browser share: `{offer, at, leftMs, until, sent}`, which is the current offer, when it
 * expires, and which receipts were sent for it. It survives a page load. Only the last user's state is kept.
 *
 * The server sends the remaining time of an offer, because the browser's time of day can be wrong by days. Each tab
 * counts down with the monotonic clock. That clock may stop while the computer sleeps and restarts with each page, so
 * the offer also expires by the time of day.
 *
 * Messages between tabs arrive late and in any order. Therefore states are merged and nothing is ever undone: for one
 * offer, the receipts of both sides count; of two offers, the later one wins.
 *
 * @param name - tabs with the same name share a state.
 * @param onChange - called after another tab has changed the state.
 * @param onSignOut - called after the user has signed out in another tab.
 */
export function sharedState(name, onChange, onSignOut, signal) {
  const tell = openChannel(name, signal, (other) => {
    if (!other) return onSignOut();
    merge(other);
    onChange();
  });
  let value, timed, endsAt;
  // Another user's offer does not stay in the browser.
  attempt(() => JSON.parse(localStorage[KEY]).name !== name && delete localStorage[KEY]);

  function get() {
    const kept = attempt(() => JSON.parse(localStorage[KEY]));
    return merge(kept?.name === name && kept);
  }

  function merge(other) {
    value = mergeStates(value, other);
    if (value && timed !== value.offer.offer_id) {
      timed = value.offer.offer_id;
      endsAt = performance.now() + Math.min(value.leftMs, value.until - Date.now());
    }
    return value;
  }

  function update(other) {
    if (signal.aborted) return;
    get();
    merge({ ...other, name });
    attempt(() => (localStorage[KEY] = JSON.stringify(value)));
    tell(value);
  }

  /** Whether the current offer has expired. */
  const isExpired = () => !(performance.now() < endsAt && Date.now() < value.until);

  return {
    get,
    update,

    /** Replace the current offer. An expired offer is ignored. */
    start(offer) {
      const now = Date.now();
      const leftMs = 1000 * (offer.expires_in_s ?? offer.expires_at - now / 1000);
      // Later than the previous offer, even if the clock was set back.
      const at = Math.max(now, (get()?.at || 0) + 1);
      if (leftMs > 0) update({ offer, at, leftMs, until: now + leftMs, sent: [] });
    },

    /** Replace the current offer's texts: it came again in another language. */
    reword: (offer) => update({ ...get(), offer, at: Math.max(Date.now(), value.at + 1) }),

    /** Close the current offer in all tabs, and keep nothing of it: the user has withdrawn consent. */
    forget() {
      if (get()) update({ ...value, sent: ["closed"] });
      attempt(() => delete localStorage[KEY]);
    },

    /** Inform the other tabs that the user signs out. */
    tellSignOut: () => tell(null),

    isExpired,

    /** The offer that the user can still answer; undefined if there is none. */
    waiting() {
      const { offer, sent } = get() || {};
      return offer && !isExpired() && !sent.includes("closed") ? offer : undefined;
    },
  };
}

function mergeStates(one, other) {
  if (!one || !other) return one || other || null;
  const later = one.at > other.at ? one : other;
  if (one.offer.offer_id !== other.offer.offer_id) return later;
  return { ...later, sent: [...new Set([...one.sent, ...other.sent])] };
}

/**
 * Delete what storages keep of a user, except receipts, which wait for their user, and a path that is being recorded.
 * `chat_session` is rasa-webchat's.
 */
export function clearStorage(...names) {
  for (const name of names) {
    attempt(() => {
      const storage = window[name];
      const isOurs = (key) => /^(rasa-autoplay(?!-outbox|-rec)|chat_session$)/.test(key);
      for (const key of Object.keys(storage).filter(isOurs)) delete storage[key];
    });
  }
}

/** Returns a function that sends messages to the other tabs. A browser that blocks storage may refuse a channel. */
export function openChannel(name, signal, onMessage) {
  const channel = attempt(() => new BroadcastChannel(KEY + name));
  if (channel) channel.onmessage = ({ data }) => onMessage(data);
  onAbort(signal, () => channel?.close());
  return (message) => attempt(() => channel.postMessage(message));
}

/**
 * Call `start(isShared)` when this tab becomes the leader of all tabs with that name. The browser does not freeze a tab
 * that holds a lock. When the leader closes, another tab takes over. If the tabs cannot agree on a leader or cannot
 * inform each other, every tab is one, and `isShared` is false.
 */
export function runAsLeader(name, start, signal) {
  const lead = () => {
    // The lock may be granted just before the end is known.
    if (signal.aborted) return;
    start(true);
    return new Promise((done) => onAbort(signal, done));
  };
  const isHeard = attempt(() => new BroadcastChannel(KEY).close() || true);
  const request = isHeard ? requestLock(name, { signal }, lead) : Promise.reject();
  request.catch(() => signal.aborted || start(false));
}

/**
 * Call `start(signal)` now and whenever the page returns from the back/forward cache. The signal ends when the page is
 * left, because the browser keeps no page that holds a connection or a lock.
 */
export function whileShown(start, signal) {
  let visit;
  const begin = () => {
    if (!visit) start((visit = new AbortController()).signal);
  };
  const end = () => {
    visit?.abort();
    visit = null;
  };
  addEventListener("pageshow", begin, { signal });
  addEventListener("pagehide", end, { signal });
  onAbort(signal, end);
  begin();
}

/**
 * Call `check(reason)` when the user or the network comes back: "online", or "return". In hidden tabs timers run once a
 * minute, so visible tabs also remind the others every 15 seconds ("tick").
 */
export function onReturn(name, check, signal) {
  const tell = openChannel(`-return${name}`, signal, check);
  const come = (reason) => {
    if (document.hidden) return;
    check(reason);
    tell(reason);
  };
  for (const event of ["focus", "pageshow"]) addEventListener(event, () => come("return"), { signal });
  document.addEventListener("visibilitychange", () => come("return"), { signal });
  addEventListener("online", () => check("online"), { signal });
  const timer = setInterval(() => come("tick"), 15000);
  onAbort(signal, () => clearInterval(timer));
}
