import { on } from "./page.js";

const KEY = "rasa-autoplay";

/**
 * A value that all tabs of one browser see, and that survives a page load. Only the last user's is kept.
 *
 * @param name - tabs that give the same name share.
 * @param onChange - called when another tab has changed it.
 */
export function sharedState(name, onChange) {
  const channel = new BroadcastChannel(KEY + name);
  let value = null;
  channel.onmessage = (event) => {
    value = event.data;
    onChange();
  };

  function read() {
    try {
      const stored = JSON.parse(localStorage.getItem(KEY));
      if (stored.name === name) value = stored;
    } catch {
      // Nothing there yet, or storage is blocked: then the channel alone has to do.
    }
    return value;
  }

  function apply(change) {
    const next = change(read());
    if (!next) return false;
    value = { ...next, name };
    try {
      localStorage.setItem(KEY, JSON.stringify(value));
    } catch {}
    channel.postMessage(value);
    return true;
  }

  return {
    get: read,
    /** Change it by a function, one tab at a time. Resolves to false where that returns nothing. */
    change: async (by) =>
      navigator.locks ? navigator.locks.request(`${KEY}:${name}`, () => apply(by)) : apply(by),
    close: () => channel.close(),
  };
}

/**
 * Call `begin` once this tab is the one that acts for all tabs of that name. A tab that holds a lock is not
 * frozen by the browser, and when it goes, the next one takes over.
 *
 * Without locks (a page without https) each tab acts for itself while it is the one looked at.
 *
 * @param begin - returns what ends it.
 * @returns a function that gives the role back.
 */
export function whenLeader(name, begin) {
  const waiting = new AbortController();
  let end = () => {};
  let stop = () => waiting.abort();
  if (navigator.locks) {
    const lead = () =>
      new Promise((done) => {
        const ended = begin();
        end = () => done(ended());
      });
    navigator.locks.request(KEY + name, { signal: waiting.signal }, lead).catch(() => {});
  } else {
    const look = () => {
      end();
      end = document.hidden ? () => {} : begin();
    };
    stop = on(document, "visibilitychange", look);
    look();
  }
  return () => {
    stop();
    end();
  };
}
