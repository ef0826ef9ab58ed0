import { attempt, onAbort } from "../dom.js";
import { onReturn, runAsLeader, whileShown } from "../cross_tab.js";
import { paint } from "../theme.js";
import { readBotMessage } from "./bot_message.js";
import { createFrame } from "./chat_frame.js";
import { CHAT_TEXTS } from "./chat_texts.js";
import { createComposer } from "./composer.js";
import { createConnection } from "./connection.js";
import { createConversation } from "./conversation.js";
import { createDelivery } from "./delivery.js";
import { createLog } from "./log_view.js";

/** Rasa's Socket.IO server, beside the copilot's routes and below the same prefix. */
const SOCKET_PATH = "../../socket.io/";
/** Where a tab remembers whose window is open. */
const OPEN_KEY = "rasa-autoplay-chat-open";
/** The page connects by itself while the last message is not older. */
const RECENT_MS = 30 * 60000;
/** A connection that is back sooner is not mentioned. */
const LOST_MS = 1500;
/** After the bot has opened a conversation, its explanation comes within this time. */
const FOLLOW_UP_MS = 8000;
/** An answer that takes longer gets no dots. */
const TYPING_MS = 60000;

/* global SCRIPT_URL -- the URL this script was loaded from. */

/**
 * A chat window of our own. It speaks the protocol of Rasa's `socketio` channel.
 *
 * The tabs of a browser share one conversation and one connection. There is no connection until somebody opens the window,
 * or while the last message is recent.
 *
 * @param options - `userId`, `base`, `token`, `theme`, `offset`, `language` and `texts`, as in options.js; and `socketPath`,
 *   the address of Rasa's Socket.IO server, relative to `base`.
 * @returns the object that options.js describes as `Chat`, with `destroy()`, which removes the window from the page and
 *   keeps the conversation.
 */
export function createChatWindow(options) {
  const { token, theme = "auto", offset = 24, socketPath } = options;
  const userId = String(options.userId ?? "");
  if (!userId) throw new Error("rasa-autoplay's chat window needs a userId");
  const base = new URL(`${(options.base || new URL(".", SCRIPT_URL).href).replace(/\/+$/, "")}/`, document.baseURI);
  const language = options.language || document.documentElement.lang;
  const texts = { ...CHAT_TEXTS, ...options.texts };
  const name = `${base} ${userId}`;
  const lifetime = new AbortController();
  const { signal } = lifetime;
  const isPhone = () => matchMedia("(pointer: coarse)").matches;

  let isOpen = false;
  /** Whether this tab holds the connection for all tabs. */
  let isLeader = false;
  let isOld = true;
  let lostAt, previousFocus, retriedAt, isChanged, isChanging;

  const conversation = createConversation(name, onChange, signal);
  const connection = createConnection({
    url: new URL(socketPath || SOCKET_PATH, base),
    token,
    sessionId: () => conversation.get().sessionId,
    onStatus: (status) => conversation.update({ status }),
    onSession(sessionId) {
      delivery.resume();
      conversation.update({ sessionId });
    },
    onBot: receive,
  });
  const delivery = createDelivery(conversation, connection, userId);
  const log = createLog(texts, language, { press, retry });
  const composer = createComposer(texts, say);
  const frame = createFrame(texts, offset, [log.element, composer.element], {
    open: () => open(),
    close: () => close(),
    retry: () => conversation.update({ retriedAt: Date.now() }),
  });
  const { host, root } = frame;

  function receive(data) {
    delivery.receive();
    const bot = readBotMessage(data);
    if (!bot) return;
    const { messages, openedAt } = conversation.get();
    const isAnswer = messages.some(({ state }) => state === "sent");
    // The bot opens a conversation with a question, and explains after it.
    const isFirst = openedAt && !isAnswer && Date.now() - openedAt < FOLLOW_UP_MS;
    conversation.update({ openedAt: 0, followUpUntil: isFirst ? Date.now() + FOLLOW_UP_MS : 0 });
    conversation.add({ bot });
  }

  /** React to what this or another tab has changed. What that changes in turn is next. */
  function onChange() {
    isChanged = true;
    if (isChanging) return;
    isChanging = true;
    try {
      while (isChanged && !signal.aborted) {
        isChanged = false;
        react();
      }
    } finally {
      isChanging = false;
    }
  }

  function react() {
    if (isLeader) {
      const { at, retriedAt: last } = conversation.get();
      if (isOpen || Date.now() - at < RECENT_MS) connection.start();
      if (last !== retriedAt) {
        retriedAt = last;
        connection.check("return");
      }
      delivery.send();
    }
    render();
  }

  function render() {
    const { messages, status, seenAt, followUpUntil } = conversation.get();
    const now = Date.now();
    const isWaiting = messages.some((it) => it.state === "sent" && now - it.at < TYPING_MS);
    const isTyping = status === "online" && (isWaiting || now < followUpUntil);
    if (status !== "offline") lostAt = 0;
    else lostAt ||= now;
    frame.setLost(Boolean(lostAt) && now - lostAt >= LOST_MS);
    if (!isOpen) return frame.setUnread(messages.filter((it) => it.bot && it.at > seenAt).length);
    log.show({ messages, isTyping, isOnline: status === "online", isOld });
    isOld = false;
    const last = messages.at(-1);
    if (last?.at > seenAt && !document.hidden) conversation.update({ seenAt: last.at });
  }

  function tick() {
    if (!host.isConnected) document.documentElement.append(host);
    frame.adapt();
    if (document.body) paint(root, theme);
    render();
  }

  /** Add what the user says, or presses. The tab that is connected sends it. */
  function say(text, payload) {
    conversation.update({ followUpUntil: 0 });
    conversation.add({ text, payload, state: "waiting" });
  }

  function press({ title, payload }) {
    say(title, payload);
    focus();
  }

  /** The message moves to the end, where its answer will be. */
  function retry({ id, text, payload }) {
    conversation.remove(id);
    say(text, payload);
    focus();
  }

  /** On a phone, the keyboard would cover half of the conversation. */
  function focus() {
    if (isPhone()) frame.title.focus({ preventScroll: true });
    else composer.focus();
  }

  function open(isRestored) {
    if (signal.aborted) return false;
    if (isOpen) return true;
    isOpen = isOld = true;
    frame.setOpen(true);
    attempt(() => (sessionStorage[OPEN_KEY] = name));
    tick();
    log.toEnd();
    if (isRestored) return true;
    const focused = document.activeElement;
    previousFocus = focused === host ? null : focused;
    const now = Date.now();
    conversation.update({ at: now, openedAt: now });
    focus();
    return true;
  }

  function close() {
    const hadFocus = document.activeElement === host;
    isOpen = false;
    frame.setOpen(false);
    attempt(() => delete sessionStorage[OPEN_KEY]);
    render();
    if (hadFocus) frame.launcher.focus();
  }

  /** Escape closes the window. F6 goes into the window and back, unless the toast takes it. */
  function onKey(event) {
    const isInside = document.activeElement === host;
    if (event.defaultPrevented || event.isComposing || !isOpen) return;
    const isEscape = event.key === "Escape" && isInside;
    if (!isEscape && (event.key !== "F6" || (!isInside && isToastShown()))) return;
    event.preventDefault();
    if (isEscape) close();
    else if (!isInside) {
      previousFocus = document.activeElement;
      focus();
    } else if (previousFocus?.isConnected) previousFocus.focus();
    else frame.shadow.activeElement?.blur();
  }

  whileShown((visit) => {
    const lead = () => {
      isLeader = true;
      retriedAt = conversation.get().retriedAt;
      conversation.update({ status: "" });
      onAbort(visit, () => {
        isLeader = false;
        delivery.stop();
        connection.stop();
        conversation.update({ status: "" });
      });
    };
    runAsLeader(`chat${name}`, lead, visit);
    onReturn(`chat${name}`, (reason) => isLeader && connection.check(reason), visit);
  }, signal);
  addEventListener("keydown", onKey, { signal });
  visualViewport?.addEventListener("resize", frame.adapt, { signal });
  visualViewport?.addEventListener("scroll", frame.adapt, { signal });
  const timer = setInterval(tick, 1000);
  onAbort(signal, () => {
    clearInterval(timer);
    host.remove();
  });
  tick();
  if (attempt(() => sessionStorage[OPEN_KEY]) === name && innerWidth > 480) open(true);

  return {
    open: () => open(),
    isOpen: () => isOpen,
    sessionId: () => (conversation.get().status === "online" ? conversation.get().sessionId : ""),
    say: (text) => say(text),
    setVisible: (isVisible) => host.classList.toggle("away", !isVisible),
    destroy: () => lifetime.abort(),
    reset() {
      lifetime.abort();
      conversation.clear();
      attempt(() => delete sessionStorage[OPEN_KEY]);
    },
  };
}

/** Whether the toast is visible: it comes first. */
function isToastShown() {
  return document.querySelector("rasa-autoplay")?.shadowRoot?.querySelector(".card,.pill");
}
