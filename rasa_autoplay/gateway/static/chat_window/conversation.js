import { attempt } from "../dom.js";

const CHAT_KEY = "rasa-autoplay-chat";
const MAX_MESSAGES = 100;
const MAX_CHARACTERS = 200000;
/** A conversation that nobody has used for so long is forgotten. */
const FORGOTTEN_MS = 24 * 3600 * 1000;

/**
 * The conversation of one user, which all tabs share and which survives page loads: `{sessionId, messages, at, openedAt,
 * seenAt, followUpUntil, status}`. It is kept in localStorage until the user signs out, or for a day. Where tabs cannot agree on the one that is
 * connected (a page without https), each tab has its own.
 *
 * A message is `{id, at, bot}` or `{id, at, text, payload, state}`. Its state is `waiting`, `sent` (perhaps it has
 * arrived), `done` or `failed`.
 *
 * @param {string} name - of the server and the user. Another user's conversation is deleted.
 * @param onChange - called after this or another tab has changed it.
 */
export function createConversation(name, onChange, signal) {
  const storage = attempt(() => (navigator.locks ? localStorage : sessionStorage));
  const fresh = () => ({ name, sessionId: "", messages: [], at: 0, openedAt: 0, seenAt: 0, status: "" });
  let value = fresh();

  function read() {
    const kept = attempt(() => JSON.parse(storage[CHAT_KEY]));
    if (kept?.name === name && Array.isArray(kept.messages)) value = kept;
    else if (kept) value = fresh();
    if (value.at && Date.now() - value.at > FORGOTTEN_MS) value = fresh();
    return value;
  }

  function update(changes) {
    if (signal.aborted) return;
    value = { ...read(), ...changes };
    const { messages } = value;
    messages.splice(0, messages.length - MAX_MESSAGES);
    let text = JSON.stringify(value);
    while (text.length > MAX_CHARACTERS && messages.length > 1) {
      messages.shift();
      text = JSON.stringify(value);
    }
    attempt(() => (storage[CHAT_KEY] = text));
    onChange();
  }

  const follow = ({ key }) => {
    // It is null when everything is deleted.
    if (key !== CHAT_KEY && key !== null) return;
    if (!attempt(() => storage[CHAT_KEY])) value = fresh();
    else read();
    onChange();
  };
  addEventListener("storage", follow, { signal });

  read();
  return {
    get: () => value,
    update,
    add: (message) => {
      const at = Date.now();
      const id = `${at.toString(36)}${Math.random().toString(36).slice(2, 8)}`;
      update({ at, messages: [...read().messages, { id, at, ...message }] });
    },
    /** Change the messages for which `when(message)` is true. */
    change(when, changes) {
      const { messages } = read();
      if (!messages.some(when)) return;
      update({ messages: messages.map((it) => (when(it) ? { ...it, ...changes } : it)) });
    },
    clear() {
      if (attempt(() => JSON.parse(storage[CHAT_KEY]).name === name)) delete storage[CHAT_KEY];
      value = fresh();
    },
  };
}
