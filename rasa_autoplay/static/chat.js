import { sleep } from "./server.js";

const SESSION = "chat_session";
const ALIVE = "rasa-autoplay-alive";
const ALIVE_EVERY_MS = 5000;
/** Browsers let a hidden tab's timers run once a minute. */
const ALIVE_FOR_MS = 75000;
const CHAT_LOOK_MS = 50;
const TRY_EVERY_MS = 500;
const OPEN_AGAIN_MS = 1500;

/** rasa-webchat: it keeps its session where its `params.storage` says, and opens by its launcher only. */
export function rasaWebchat({ launcher }) {
  return {
    isOpen: () => !!document.querySelector(".rw-chat-open, .rw-widget-embedded"),
    open() {
      const button = document.querySelector(launcher);
      button?.click();
      return !!button;
    },
    sessionId() {
      for (const storage of [sessionStorage, localStorage]) {
        const session = JSON.parse(storage.getItem(SESSION));
        if (session?.session_id) return session.session_id;
      }
    },
  };
}

/**
 * Make rasa-webchat begin afresh; to be called before it loads. What lies in localStorage belongs to all tabs:
 * it is left alone while another one is alive.
 */
export function forgetChat() {
  if (document.querySelector(".rw-widget-container")) return;
  sessionStorage.removeItem(SESSION);
  if (!(Date.now() - localStorage.getItem(ALIVE) < ALIVE_FOR_MS)) localStorage.removeItem(SESSION);
}

/** Let tabs that load later know that there is one. Returns what ends it. */
export function stayAlive() {
  const say = (time) => localStorage.setItem(ALIVE, time);
  const saying = setInterval(() => say(Date.now()), ALIVE_EVERY_MS);
  say(Date.now());
  return () => {
    clearInterval(saying);
    say(0);
  };
}

/**
 * Open the chat and let the bot speak in it.
 *
 * @param chat - the widget.
 * @param inject - asks the server to speak to a sender id; resolves to the HTTP status.
 * @param withinMs - how long to wait for the chat's session, and for one that is only just connecting.
 * @returns whether the bot spoke.
 */
export async function speakInChat(chat, inject, withinMs) {
  const end = Date.now() + withinMs;
  let openAt = 0;
  while (Date.now() < end) {
    // A click that comes too early is lost; one too many would close the window again.
    if (Date.now() >= openAt && !chat.isOpen() && chat.open() !== false) openAt = Date.now() + OPEN_AGAIN_MS;
    const senderId = chat.sessionId();
    const status = senderId && (await inject(String(senderId)));
    if (status === 200) return true;
    // 502: the window is not connected yet, or for good; 0 and 503: the server is about to come back.
    if (senderId && ![0, 502, 503].includes(status)) return false;
    await sleep(senderId ? TRY_EVERY_MS : CHAT_LOOK_MS);
  }
  return false;
}
