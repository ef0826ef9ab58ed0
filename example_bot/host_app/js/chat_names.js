// rasa-webchat's buttons are pictures without a name, and its messages come silently. This says to assistive
// technology what they are; the widget draws its elements anew, so it is said again whenever they change.

const ATTRIBUTES = {
  ".rw-launcher": { "aria-label": "Projects help" },
  ".rw-close-button": { "aria-label": "Close" },
  ".rw-send": { "aria-label": "Send" },
  ".rw-title": { role: "heading", "aria-level": "2" },
  ".rw-messages-container": { role: "log", "aria-label": "Messages", tabindex: "0" },
};

/** Name the parts of the widget within an element, now and whenever they change. */
export function nameChatParts(place) {
  const name = () => {
    for (const [selector, attributes] of Object.entries(ATTRIBUTES)) {
      for (const part of place.querySelectorAll(selector)) {
        for (const [key, value] of Object.entries(attributes)) part.setAttribute(key, value);
      }
    }
    const isOpen = place.querySelector(".rw-chat-open") !== null;
    place.querySelector(".rw-launcher")?.setAttribute("aria-expanded", String(isOpen));
  };
  new MutationObserver(name).observe(place, { childList: true, subtree: true });
}
