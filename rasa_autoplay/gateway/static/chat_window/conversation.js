import { attempt } from "../dom.js";

const KEYS = "rasa-autoplay-chat ";
/** Followed by a message's id. */
const MESSAGE = "message ";
const MAX_MESSAGES = 100;
const MAX_CHARACTERS = 200000;
/** A conversation that nobody has used for so long is forgotten. */
const FORGOTTEN_MS = 24 * 3600 * 1000;

/**
 * The conversation of one user, which all tabs share and which survives page loads: `{sessionId, messages, at, openedAt,
 * seenAt, followUpUntil, retriedAt, status}`. It is kept in localStorage until the user signs out, or for a day. Where
 * tabs cannot agree on the one that is connected (a page without https), each tab has its own.
 *
 * Tabs write at the same time, and see each other's changes a moment later. So each message and each other value has a
 * key of its own: no tab writes what another tab has just written, added or deleted.
 *
 * A message is `{id, at, bot}` or `{id, at, text, payload, state}`. Its state is `waiting`, `sent` (perhaps it has
 * arrived), `done` or `failed`.
 *
 * @param {string} name - of the server and the user. Another user's conversation is deleted.
 * @param onChange - called after this or another tab has changed it.
 */
export function createConversation(name, onChange, signal) {
  const storage = attempt(() => (navigator.locks ? localStorage : sessionStorage));
  // With its quotes, no name begins with another one.
  const prefix = `${KEYS}${JSON.stringify(name)} `;
  let kept = new Map();
  let messages;

  const keys = () => attempt(() => Object.keys(storage)) || [];
  const value = (key, missing) => kept.get(key) ?? missing;

  /** The messages, oldest first. */
  function list() {
    const isMessage = ([key]) => key.startsWith(MESSAGE);
    const found = () => [...kept].filter(isMessage).map(([, message]) => message);
    return (messages ||= found().sort((one, other) => one.at - other.at || (one.id < other.id ? -1 : 1)));
  }

  function keep(key, content) {
    messages = null;
    if (content === undefined) kept.delete(key);
    else kept.set(key, content);
  }

  function write(key, content) {
    keep(key, content);
    attempt(() => {
      if (content === undefined) delete storage[prefix + key];
      else storage[prefix + key] = JSON.stringify(content);
    });
  }

  /** Read what this or another tab has written. */
  const read = (key) => keep(key.slice(prefix.length), attempt(() => JSON.parse(storage[key])));

  function clear() {
    for (const key of keys()) if (key.startsWith(prefix)) delete storage[key];
    kept = new Map();
    messages = null;
  }

  function update(changes) {
    if (signal.aborted) return;
    for (const [key, content] of Object.entries(changes)) if (value(key) !== content) write(key, content);
    onChange();
  }

  /** Delete the oldest messages if there are too many. */
  function shorten() {
    const sizes = list().map((it) => JSON.stringify(it).length);
    let size = sizes.reduce((sum, it) => sum + it, 0);
    const isTooMuch = (count) => count > MAX_MESSAGES || (size > MAX_CHARACTERS && count > 1);
    const all = list();
    for (let first = 0; isTooMuch(all.length - first); first++) {
      size -= sizes[first];
      write(MESSAGE + all[first].id);
    }
  }

  const follow = ({ key }) => {
    // It is null when everything is deleted.
    if (key === null) clear();
    else if (key.startsWith(prefix)) read(key);
    else return;
    onChange();
  };
  addEventListener("storage", follow, { signal });

  for (const key of keys()) {
    if (key.startsWith(prefix)) read(key);
    else if (key.startsWith(KEYS)) delete storage[key];
  }
  const at = value("at", 0);
  if (at && Date.now() - at > FORGOTTEN_MS) clear();

  return {
    get: () => ({
      sessionId: value("sessionId", ""),
      messages: list(),
      at: value("at", 0),
      openedAt: value("openedAt", 0),
      seenAt: value("seenAt", 0),
      followUpUntil: value("followUpUntil", 0),
      retriedAt: value("retriedAt"),
      status: value("status", ""),
    }),
    update,
    add(message) {
      // Later than the previous one, also within a millisecond or after the clock was set back.
      const now = Math.max(Date.now(), (list().at(-1)?.at || 0) + 1);
      const id = `${now.toString(36)}${Math.random().toString(36).slice(2, 8)}`;
      if (signal.aborted) return;
      write(MESSAGE + id, { id, at: now, ...message });
      shorten();
      update({ at: now });
    },
    /** Change the messages for which `when(message)` is true. */
    change(when, changes) {
      const changed = list().filter(when);
      if (!changed.length || signal.aborted) return;
      for (const message of changed) write(MESSAGE + message.id, { ...message, ...changes });
      onChange();
    },
    remove(id) {
      if (!signal.aborted) write(MESSAGE + id);
    },
    clear,
  };
}
