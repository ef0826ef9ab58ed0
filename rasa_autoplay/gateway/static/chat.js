import { atEnd, quietly } from "./page.js";
import { sleep } from "./server.js";

const ALIVE = "rasa-autoplay-alive";

/** rasa-webchat: it keeps its session where its `params.storage` says, and opens by its launcher only. */
export function rasaWebchat({ launcher }) {
  const sessionIn = (storage) => JSON.parse(storage.chat_session || null)?.session_id;
  return {
    isOpen: () => document.querySelector(".rw-chat-open, .rw-widget-embedded"),
    open: () => [...document.querySelectorAll(launcher)].some((it) => !it.click()),
    sessionId: () => quietly(() => sessionIn(sessionStorage) || sessionIn(localStorage)),
    say,
  };
}

/** Say something for the user, as if it was typed: the widget has no other way that a page can use. */
async function say(text) {
  for (let left = 100; left; left--) {
    const input = document.querySelector(".rw-new-message");
    if (input && !input.disabled) {
      // React looks at what the element's own class would set, and listens to events only.
      Object.getOwnPropertyDescriptor(Object.getPrototypeOf(input), "value").set.call(input, text);
      input.dispatchEvent(new Event("input", { bubbles: true }));
      return input.form.requestSubmit();
    }
    await sleep(50);
  }
}

/**
 * Make rasa-webchat begin afresh; to be called before it loads. What lies in localStorage belongs to all tabs:
 * it is left alone while another one is alive.
 */
export function forgetChat() {
  if (document.querySelector(".rw-widget-container")) return;
  quietly(() => {
    delete sessionStorage.chat_session;
    // Browsers let a hidden tab's timers run once a minute. A time ahead of ours was noted before the clock was set back.
    if (!(Math.abs(Date.now() - localStorage[ALIVE]) < 75000)) delete localStorage.chat_session;
  });
}

/** Let tabs that load later know that there is one. */
export function stayAlive(signal) {
  const say = (time) => quietly(() => (localStorage[ALIVE] = time));
  const saying = setInterval(() => say(Date.now()), 5000);
  say(Date.now());
  addEventListener("pagehide", () => say(0), { signal });
  atEnd(signal, () => clearInterval(saying));
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
  const end = performance.now() + withinMs;
  let openAt = 0;
  while (performance.now() < end) {
    // A click that comes too early is lost; one too many would close the window again.
    if (performance.now() >= openAt && !chat.isOpen() && chat.open() !== false) openAt = performance.now() + 1500;
    const senderId = chat.sessionId();
    const status = senderId && (await inject(String(senderId)));
    if (status === 200) return true;
    // 502: the window is not connected yet, or for good; 0 and 503: the server is about to come back.
    if (senderId && ![0, 502, 503].includes(status)) return false;
    await sleep(senderId ? 500 : 50);
  }
  return false;
}
