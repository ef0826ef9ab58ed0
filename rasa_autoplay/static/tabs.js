import { atEnd, quietly } from "./page.js";

const KEY = "rasa-autoplay";

/**
 * What the tabs of one browser know of the current offer, `{offer, at, sent}`: since when, and which receipts were
 * sent of it. It survives a page load; only the last user's is kept.
 *
 * A browser brings news to its other tabs in its own time and in any order. So nothing is ever taken back: of one
 * offer, what either side knows is known; of two offers, the later one counts.
 *
 * @param name - tabs that give the same name share.
 * @param onChange - called when another tab has told something.
 */
export function sharedState(name, onChange, signal) {
  const channel = new BroadcastChannel(KEY + name);
  let value;
  channel.onmessage = ({ data }) => {
    value = merged(value, data);
    onChange();
  };
  atEnd(signal, () => channel.close());

  function get() {
    const kept = quietly(() => JSON.parse(localStorage[KEY]));
    return (value = merged(value, kept?.name === name && kept));
  }

  return {
    get,
    tell(news) {
      value = { ...merged(get(), news), name };
      quietly(() => (localStorage[KEY] = JSON.stringify(value)));
      channel.postMessage(value);
    },
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
