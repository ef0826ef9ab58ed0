import { attempt } from "./dom.js";
import { findAll } from "./find.js";

const TAG = "rasa-chatbot-widget";
/** Where the widget keeps its conversations, in sessionStorage. */
const HISTORY = "rasa-chat-history";
/** A widget that was closed disconnects after 5 s. Until then, it may still store a message. */
const DISCONNECT_MS = 6000;

/** What the widget's events have said. A page has one such widget, and these stay when the adapter is made anew. */
let isOpened, session;

function onWidget(name, react) {
  document.addEventListener(name, (event) => event.target.localName === TAG && react(event));
}

/** The toast looks for the widget's window when the page has changed, and sees no changes in a shadow root. */
function note({ type, target }) {
  isOpened = type === "chatWidgetOpened";
  target.dataset.autoplayOpen = isOpened;
}

onWidget("chatWidgetOpened", note);
onWidget("chatWidgetClosed", note);
onWidget("chatSessionStarted", ({ detail }) => (session = detail?.sessionId));

const widget = () => document.querySelector(TAG);

/** Replace the widget by one that opens when it is mounted. That is the way which its documentation describes. */
function mountOpen(old) {
  const fresh = old.cloneNode(true);
  // Frameworks set properties instead of attributes.
  const properties = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(old));
  for (const name in properties) if (properties[name].set && old[name] !== undefined) fresh[name] = old[name];
  fresh.setAttribute("auto-open", "true");
  fresh.autoOpen = true;
  old.replaceWith(fresh);
}

/**
 * An adapter for Rasa's own chat widget, `<rasa-chatbot-widget>`. It listens to the widget's documented events. The widget
 * has no function that opens it, so its launcher is clicked; without a launcher, the widget is mounted again with `auto-open`.
 */
export function createRasaWidgetChat({ launcher, panel }) {
  const button = () => attempt(() => findAll(launcher)[0]);
  const isOpen = () => isOpened ?? Boolean(attempt(() => findAll(panel).length));

  return {
    isOpen,
    open() {
      const it = widget();
      if (!it || !customElements.get(TAG)) return false;
      if (button()) {
        button().click();
        // It had been opened before this script could hear that.
        if (isOpened === false) button().click();
      } else if (!it.autoOpen) mountOpen(it);
      return isOpen();
    },
    sessionId: () => session || widget()?.senderId || widget()?.getAttribute("sender-id"),
    setVisible(isVisible) {
      const style = widget()?.style;
      // Its place and how far it was scrolled stay.
      if (isVisible) style?.removeProperty("visibility");
      else style?.setProperty("visibility", "hidden", "important");
    },
    /** Close it, because it disconnects when it is closed, and forget its conversations. */
    reset() {
      if (isOpen()) button()?.click();
      widget()?.remove();
      isOpened = session = undefined;
      // The next user's widget may be on the page by then. It begins with what is stored.
      const forget = () => widget() || attempt(() => delete sessionStorage[HISTORY]);
      forget();
      setTimeout(forget, DISCONNECT_MS);
    },
    destroy() {},
  };
}
