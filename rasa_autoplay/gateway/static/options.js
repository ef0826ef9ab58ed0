/* global SCRIPT_URL -- the URL this script was loaded from. It is set differently for autoplay.js and autoplay.mjs. */

/**
 * Every option with its default. A script tag sets options with attributes: `data-user-id="u1"`. Values that are not
 * strings are written as JSON: `data-fresh-chat="false"`, `data-texts='{"showMe": "Zeig es mir"}'`.
 *
 * @typedef {object} CopilotOptions
 * @property {string} userId - the signed-in user; the same id that you give to your analytics.
 * @property {string | (() => string | Promise<string>)} token - proves who the user is. A function is called for
 *   every connection and request.
 * @property {string} base - URL of the copilot's routes on the Rasa server; by default, the folder this script was loaded from.
 * @property {string} language - the language that the user reads, for example "de-CH". By default that of `<html lang>`, also when
 *   the page changes it; then the browser's languages.
 * @property {"" | "posthog"} consent - "posthog": where the server requires consent, what the user has chosen in posthog-js
 *   counts. By default only `copilot.consent()` does.
 * @property {"auto" | "light" | "dark"} theme - "auto" follows the page's `color-scheme`, then the system. The page sets colours with CSS
 *   properties such as `--autoplay-accent`: see theme.js.
 * @property {number} offset - distance to the window's edges in px, if there is no chat launcher to keep clear of.
 * @property {number} toastSeconds - how long an unanswered toast stays. The time stops while the pointer or the
 *   focus is in it, and while the tab is hidden.
 * @property {number} pillMinutes - how long a pill keeps an unanswered offer within reach, unless the offer expires earlier.
 * @property {number} anchorSeconds - how long a tour waits for a step's element before the chat opens instead.
 * @property {number} chatSeconds - how long "Open chat" waits for the chat widget to connect.
 * @property {boolean} freshChat - start each page load with an empty chat. The tag must come before the chat widget's.
 * @property {string} launcher - CSS selector of the chat's launcher. The toast is placed above it.
 * @property {string} panel - CSS selector of the chat's open window. The toast is placed beside it.
 * @property {Chat | "window" | "rasa-widget" | null} chat - the chat widget; by default rasa-webchat. Leave its `initPayload`
 *   empty, or its greeting appears before the bot's question. "window" is the chat window that comes with the copilot;
 *   "rasa-widget" is Rasa's own, `<rasa-chatbot-widget>`.
 * @property {OwnToast | null} toast - the page's own toast, in place of the copilot's: see autoplay.d.ts.
 * @property {object} texts - the texts that the user sees. They replace those in the user's language, which the server has
 *   for some languages. `language` and `direction` ("ltr" or "rtl"; "" is the page's) tell what they are written in.
 *
 * @typedef {object} Chat
 * @property {() => unknown} open - opens the chat window. Returns false if it cannot be opened yet.
 * @property {() => (string | null | undefined)} sessionId - the sender id of this chat window, once it has one.
 * @property {() => boolean} isOpen - whether the chat window is open.
 * @property {(text: string) => unknown} [say] - sends a message as the user, for toasts with `reply_options`.
 *   Without it, the bot explains the steps, as it does after "Open chat".
 * @property {() => unknown} [reset] - disconnects the widget and removes it with its conversation, when the user signs out.
 * @property {(isVisible: boolean) => unknown} [setVisible] - hides the widget while a tour runs, and shows it again.
 */
export const DEFAULTS = {
  userId: "",
  token: "",
  base: SCRIPT_URL ? new URL(".", SCRIPT_URL).href : "",
  language: "",
  consent: "",
  theme: "auto",
  offset: 24,
  toastSeconds: 20,
  pillMinutes: 5,
  anchorSeconds: 5,
  chatSeconds: 5,
  freshChat: true,
  launcher: ".rw-launcher",
  panel: ".rw-chat-open .rw-conversation-container",
  chat: "",
  toast: null,
  texts: {
    language: "en",
    direction: "",
    suggestion: "Suggestion",
    hint: "Press F6 to respond.",
    showMe: "Show me",
    openChat: "Open chat",
    later: "Later",
    never: "Don’t show again",
    close: "Close",
    next: "Next",
    done: "Done",
    resume: "Continue",
    opening: "Opening …",
    failed: "The chat didn’t open.",
    retry: "Try again",
  },
};

/** The chats that have a script of their own: its name, and where their parts are. */
export const CHATS = {
  window: { script: "chat", launcher: ".rasa-autoplay-launcher", panel: ".rasa-autoplay-panel" },
  "rasa-widget": {
    script: "rasa-widget",
    launcher: "rasa-chatbot-widget >> .rasa-chatbot-widget__launcher",
    panel: "rasa-chatbot-widget >> .messenger--open",
  },
};

/** Complete the given options with the defaults. */
export function withDefaults(given) {
  const options = { ...DEFAULTS, ...CHATS[given.chat], ...given, texts: { ...DEFAULTS.texts, ...given.texts } };
  options.userId = String(options.userId || "");
  options.base = options.base.replace(/\/+$/, "");
  return options;
}

/** Read options from a script tag's `data-*` attributes. */
export function readOptions(dataset) {
  const options = {};
  for (const name in DEFAULTS) {
    const text = dataset[name];
    if (text) options[name] = typeof DEFAULTS[name] === "string" ? text : JSON.parse(text);
  }
  return options;
}
