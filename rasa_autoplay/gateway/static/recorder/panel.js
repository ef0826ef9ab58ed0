import { attempt, make } from "../dom.js";
import { addStyles } from "../styles.js";
import { paint } from "../theme.js";
import { part, shieldPage } from "./shield.js";
import { PANEL_CSS } from "./panel_styles.js";

/** How often the panel keeps up with the page. No event says that a dialog has opened or an address has changed. */
const KEEP_UP_MS = 250;
const SAID_MS = 8000;

/**
 * The recorder's place on the page: above everything, also above modal dialogs, and out of the app's reach.
 *
 * @param content - elements.
 * @param onKey - called for each key in the panel.
 */
export function createPanel(content, { state, changed }, onKey, signal) {
  const status = part("div", { className: "status", role: "status" });
  const frame = part("section", { className: "frame", lang: "en", dir: "ltr", "aria-label": "Record a path", onkeydown: onKey }, ...content, status);
  // `ph-no-capture` makes posthog-js ignore it, and `rasa-autoplay` the capture.
  const host = make("rasa-autoplay-recorder", "rasa-autoplay ph-no-capture");
  host.popover = "manual";
  const shadow = host.attachShadow({ mode: "open" });
  addStyles(shadow, PANEL_CSS);
  shadow.append(frame);
  let spotlight, onTick;

  /** Move into what makes the rest of the page inert, or closes when something outside it is pressed. */
  function mount() {
    const overlays = attempt(() => [...document.querySelectorAll("dialog:modal,:popover-open:not(.rasa-autoplay,[popover=manual])")]);
    const parent = overlays?.pop() || document.documentElement;
    const drawn = document.querySelector("rasa-autoplay-tour")?.parentNode;
    if (host.parentNode === parent && host.isConnected && drawn === spotlight) return;
    spotlight = drawn;
    const focused = shadow.activeElement;
    if (host.parentNode === parent) host.hidePopover?.();
    else parent.append(host);
    host.showPopover?.();
    focused?.focus();
  }

  function tick() {
    mount();
    paint(frame, "auto");
    frame.classList.toggle("left", (state.isLeft ?? false) !== (getComputedStyle(document.documentElement).direction === "rtl"));
    onTick?.();
  }

  /** F9 moves the focus between the page and the panel, also out of a dialog that traps it. */
  let before;
  function onShortcut(event) {
    if (event.key !== "F9" || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (shadow.activeElement) return before?.isConnected ? before.focus() : shadow.activeElement.blur();
    before = document.activeElement;
    if (state.isSmall) changed((state.isSmall = false));
    (frame.querySelector(".card .title") || frame.querySelector("button:not([hidden])"))?.focus();
  }
  addEventListener("keydown", onShortcut, { capture: true, signal });
  // After the shortcut, which works in the panel, too.
  shieldPage(host, signal);

  const timer = setInterval(tick, KEEP_UP_MS);
  signal.addEventListener("abort", () => {
    clearInterval(timer);
    host.remove();
  });
  tick();

  let silence;
  return {
    frame,
    /** Call a function whenever the panel keeps up with the page. */
    everyTick: (act) => (onTick = act),
    /** Say a text for a while, also to screen readers. */
    announce(text) {
      clearTimeout(silence);
      status.textContent = text;
      silence = setTimeout(() => (status.textContent = ""), SAID_MS);
    },
  };
}
