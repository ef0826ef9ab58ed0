import { attempt } from "./dom.js";
import { addStyles } from "./styles.js";

/** A page can have rasa-webchat as one of its parts. That one covers nothing. */
const HIDDEN_CHAT = ".rw-widget-container:not(.rw-widget-embedded),.rw-widget-container:not(.rw-widget-embedded) *{visibility:hidden!important}";

/** An adapter for rasa-webchat. Its `params.storage` says where it keeps its session. Only its launcher can open it. */
export function rasaWebchat({ launcher }) {
  const sessionIn = (storage) => JSON.parse(storage.chat_session || null)?.session_id;
  let show;
  return {
    isOpen: () => document.querySelector(".rw-chat-open, .rw-widget-embedded"),
    open: () => [...document.querySelectorAll(launcher)].some((it) => !it.click()),
    sessionId: () => attempt(() => sessionIn(sessionStorage) || sessionIn(localStorage)),
    // A rule for the class hides it also when React renders it anew, and keeps its session and how far it was scrolled.
    setVisible(isVisible) {
      if (isVisible) show = void show?.();
      else show ||= addStyles(document, HIDDEN_CHAT);
    },
  };
}
