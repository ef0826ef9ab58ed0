/* global SCRIPT_URL -- where this script was loaded from: the one line that differs between its two forms. */

/**
 * Every option with its default. A script tag sets them by attributes, `data-user-id="u1"`; what is not a text
 * stands there as JSON: `data-fresh-chat="false"`, `data-texts='{"showMe": "Zeig es mir"}'`.
 *
 * @typedef {object} CopilotOptions
 * @property {string} userId - who is signed in; the same id that analytics identifies.
 * @property {string | (() => string | Promise<string>)} token - proves who that is; a function is asked anew for
 *   every connection and request.
 * @property {string} base - where the Rasa server serves our routes; by default where this script comes from.
 * @property {"auto" | "light" | "dark"} theme - "auto" follows the system. Colours and more are the page's to
 *   set, as `--autoplay-accent` and so on: see looks.js.
 * @property {number} offset - distance to the window's edges, px, where no chat launcher is to be stayed clear of.
 * @property {number} toastSeconds - how long an unanswered toast stays; it waits while the pointer or the focus
 *   is in it, and while the tab is hidden.
 * @property {number} pillMinutes - how long what timed out stays reachable, if the offer itself lives that long.
 * @property {number} anchorSeconds - how long a tour waits for a step's element before the chat takes over.
 * @property {number} chatSeconds - how long "Open chat" waits for the chat's session.
 * @property {boolean} freshChat - begin each page load with an empty chat; the tag must stand before the widget.
 * @property {string} launcher - CSS selector of the chat's launcher, which the toast stays above.
 * @property {string} panel - CSS selector of the chat's open window, which the toast stays beside.
 * @property {Chat | null} chat - the chat widget; rasa-webchat where none is given. Leave its `initPayload` empty,
 *   else its greeting stands in front of the bot's question.
 * @property {Function | null} driver - driver.js' `driver` function; `window.driver.js.driver` by default.
 * @property {object} texts - what is said to the user.
 *
 * @typedef {object} Chat
 * @property {() => unknown} open - shows the closed chat window; false where that is not possible yet.
 * @property {() => (string | null | undefined)} sessionId - the sender id that the bot knows this window by.
 * @property {() => boolean} isOpen - whether the window is shown.
 * @property {(text: string) => unknown} [say] - says something for the user, for toasts with `reply_options`;
 *   without it, the bot explains as after "Open chat".
 */
export const DEFAULTS = {
  userId: "",
  token: "",
  base: SCRIPT_URL ? new URL(".", SCRIPT_URL).href : "",
  theme: "auto",
  offset: 24,
  toastSeconds: 20,
  pillMinutes: 5,
  anchorSeconds: 5,
  chatSeconds: 5,
  freshChat: true,
  launcher: ".rw-launcher",
  panel: ".rw-chat-open .rw-conversation-container",
  chat: null,
  driver: null,
  texts: {
    suggestion: "Suggestion",
    hint: "Press F6 to answer.",
    showMe: "Show me",
    openChat: "Open chat",
    later: "Later",
    never: "Don’t show again",
    close: "Close",
    next: "Next",
    failed: "The chat could not be opened.",
    retry: "Try again",
  },
};

/** The defaults, with what was given in their place. */
export function withDefaults(given) {
  const options = { ...DEFAULTS, ...given, texts: { ...DEFAULTS.texts, ...given.texts } };
  options.userId = String(options.userId || "");
  options.base = options.base.replace(/\/+$/, "");
  return options;
}

/** Options out of a script tag's `data-*` attributes. */
export function optionsOf(dataset) {
  const options = {};
  for (const name in DEFAULTS) {
    const text = dataset[name];
    if (text) options[name] = typeof DEFAULTS[name] === "string" ? text : JSON.parse(text);
  }
  return options;
}
