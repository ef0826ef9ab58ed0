import { attempt, onAbort } from "./dom.js";

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
 */
export function sharedState(name, onChange, signal) {
  const channel = new BroadcastChannel(KEY + name);
  let value, timed, endsAt;
  channel.onmessage = ({ data }) => {
    merge(data);
    onChange();
  };
  onAbort(signal, () => channel.close());

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
    get();
    merge({ ...other, name });
    attempt(() => (localStorage[KEY] = JSON.stringify(value)));
    channel.postMessage(value);
  }

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

    /** Whether the current offer has expired. */
    isExpired: () => !(performance.now() < endsAt && Date.now() < value.until),
  };
}

function mergeStates(one, other) {
  if (!one || !other) return one || other || null;
  if (one.offer.offer_id !== other.offer.offer_id) return one.at > other.at ? one : other;
  return { ...one, sent: [...new Set([...one.sent, ...other.sent])] };
}

/**
 * Whether this tab is the first to ask for a name. Only one tab gets a truthy result, until it is closed. Without the
 * Web Locks API, every tab does.
 */
export const isFirst = (what) =>
  new Promise((done) => {
    if (!navigator.locks) return done(true);
    navigator.locks.request(KEY + what, { ifAvailable: true }, (lock) => {
      done(lock);
      return lock && new Promise(() => {});
    });
  });

/**
 * Call `start` when this tab becomes the leader of all tabs with that name. The browser does not freeze a tab that holds
 * a lock. When the leader closes, another tab takes over. Without the Web Locks API (a page without https), every tab
 * is a leader.
 */
export function runAsLeader(name, start, signal) {
  if (!navigator.locks) return start();
  const lead = () => {
    start();
    return new Promise((done) => onAbort(signal, done));
  };
  navigator.locks.request(KEY + name, { signal }, lead).catch(() => {});
}
