import { attempt, onAbort } from "./dom.js";

const ALIVE = "rasa-autoplay-alive";

/** Disconnect rasa-webchat and remove it from the page, because it offers no function for that. */
export function removeWebchat() {
  for (const place of document.querySelectorAll("*")) {
    const root = place._reactRootContainer;
    let part = root?._internalRoot?.current.child;
    // The host app may have a React of its own.
    if (!part?.memoizedProps?.socketUrl) continue;
    // A message that is still delayed would be stored after the end.
    for (; part; part = part.child) clearTimeout(part.stateNode?.messageDelayTimeout);
    root.unmount();
    delete place._reactRootContainer;
  }
}

/**
 * Make rasa-webchat start with an empty chat. Call this before the widget loads. All tabs share localStorage, so a
 * session there is kept while another tab is open.
 */
export function clearChatSession() {
  if (document.querySelector(".rw-widget-container")) return;
  attempt(() => {
    delete sessionStorage.chat_session;
    // Browsers run a hidden tab's timers once a minute. A time ahead of now was stored before the clock was set back.
    if (!(Math.abs(Date.now() - localStorage[ALIVE]) < 75000)) delete localStorage.chat_session;
  });
}

/** Announce this tab to tabs that load later, until the signal is aborted. */
export function announceTab(signal) {
  const announce = () => attempt(() => (localStorage[ALIVE] = Date.now()));
  const timer = setInterval(announce, 5000);
  announce();
  onAbort(signal, () => {
    clearInterval(timer);
    attempt(() => delete localStorage[ALIVE]);
  });
}
