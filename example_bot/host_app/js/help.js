// The copilot (toast, tours, opening the chat) and the chat widget.

import { nameChatParts } from "./chat_names.js";
import { byId } from "./dom.js";

// The copilot's routes, and the path before them: a proxy may put a prefix there.
const BASE = new URL("../../", import.meta.url);
const PREFIX = BASE.pathname.replace("/webhooks/autoplay/", "");

/** With `?chat=window` in the address, the chat is the copilot's own window instead of rasa-webchat. */
const CHAT = new URLSearchParams(location.search).get("chat") === "window" ? { chat: "window" } : {};

/** Load both. The copilot comes first: it begins a fresh chat, which must be done before the widget looks. */
export async function startHelp(user) {
  try {
    await loadScript(new URL("autoplay.js", BASE), { userId: user.id, ...CHAT });
  } catch {
    console.warn("Without autoplay.js there is no toast.");
  }
  if (CHAT.chat) return;
  await loadScript(new URL("demo/vendor/rasa-webchat.js", BASE));
  nameChatParts(byId("webchat"));
  startChat(user);
}

/** Another user has signed in. The copilot clears what the former one leaves, and removes the chat. */
export function switchHelp(user) {
  const { rasaAutoplay } = window;
  if (!rasaAutoplay) return;
  rasaAutoplay.copilot?.signOut();
  rasaAutoplay.copilot = rasaAutoplay.createCopilot({ userId: user.id, ...CHAT });
  if (!CHAT.chat) startChat(user);
}

function startChat(user) {
  const chat = {
    socketUrl: location.origin,
    socketPath: `${PREFIX}/socket.io`,
    customData: { userId: user.id },
    title: "Projects help",
    subtitle: "Ask about priorities and bulk changes",
    inputTextFieldHint: "Ask a question …",
    params: { storage: "session" },
    // The server paces what the bot says; the widget would hold a long message back for three seconds more.
    customMessageDelay: () => 0,
  };
  window.WebChat.default(chat, byId("webchat"));
}

// The one tag that installs the copilot, made here because the user is only known now.
function loadScript(src, data = {}) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = src;
    Object.assign(script.dataset, data);
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${src} cannot be loaded`));
    document.head.append(script);
  });
}
