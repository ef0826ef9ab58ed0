import { atEnd, quietly } from "./page.js";

const KEY = "rasa-autoplay";

/**
 * What the tabs of one browser know of the current offer, `{offer, at, leftMs, until, sent}`: which receipts were
 * sent of it, and how long it lives. It survives a page load; only the last user's is kept.
 *
 * An offer comes with the time that is left of it, because the browser's time of day can be wrong by days. Each tab
 * counts that time by a clock that nobody can set. That clock can stand still while the computer sleeps, and starts anew
 * with each page; so an offer also ends when its time is over by the time of day of this browser.
 *
 * A browser brings news to its other tabs in its own time and in any order. So nothing is ever taken back: of one
 * offer, what either side knows is known; of two offers, the later one counts.
 *
 * @param name - tabs that give the same name share.
 * @param onChange - called when another tab has told something.
 */
export function sharedState(name, onChange, signal) {
  const channel = new BroadcastChannel(KEY + name);
  let value, timed, endsAt;
  channel.onmessage = ({ data }) => {
    learn(data);
    onChange();
  };
  atEnd(signal, () => channel.close());

  function get() {
    const kept = quietly(() => JSON.parse(localStorage[KEY]));
    return learn(kept?.name === name && kept);
  }

  function learn(news) {
    value = merged(value, news);
    if (value && timed !== value.offer.offer_id) {
      timed = value.offer.offer_id;
      endsAt = performance.now() + Math.min(value.leftMs, value.until - Date.now());
    }
    return value;
  }

  function tell(news) {
    get();
    learn({ ...news, name });
    quietly(() => (localStorage[KEY] = JSON.stringify(value)));
    channel.postMessage(value);
  }

  return {
    get,
    tell,

    /** Go on with a new offer; one whose time is over is left out. */
    begin(offer) {
      const now = Date.now();
      const leftMs = 1000 * (offer.expires_in_s ?? offer.expires_at - now / 1000);
      // Later than the offer before it, also where the clock was set back meanwhile.
      const at = Math.max(now, (get()?.at || 0) + 1);
      if (leftMs > 0) tell({ offer, at, leftMs, until: now + leftMs, sent: [] });
    },

    /** Whether the time of the current offer is over. */
    isOver: () => !(performance.now() < endsAt && Date.now() < value.until),
  };
}

function merged(one, other) {
  if (!one || !other) return one || other || null;
  if (one.offer.offer_id !== other.offer.offer_id) return one.at > other.at ? one : other;
  return { ...one, sent: [...new Set([...one.sent, ...other.sent])] };
}

/**
 * Resolves to something true in one tab only, which keeps the right until it is closed; in every tab where there are no
 * locks.
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
 * Call `begin` once this tab is the one that acts for all tabs of that name. A tab that holds a lock is not
 * frozen by the browser, and when it goes, the next one takes over. Without locks (a page without https) each
 * tab acts for itself.
 */
export function whenLeader(name, begin, signal) {
  if (!navigator.locks) return begin();
  const lead = () => {
    begin();
    return new Promise((done) => atEnd(signal, done));
  };
  navigator.locks.request(KEY + name, { signal }, lead).catch(() => {});
}
