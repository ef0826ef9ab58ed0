import { addStyles, find, make, on } from "./page.js";
import { TOAST_CSS, paint } from "./looks.js";

const TICK_MS = 200;
const SEEN_AFTER_MS = 1000;
const LAMP = "M9.5 18h5M10 21h4M12 3a6 6 0 0 0-3.6 10.8c.7.6 1.1 1.3 1.1 2.2h5c0-.9.4-1.6 1.1-2.2A6 6 0 0 0 12 3Z";

/** The one place at the bottom right where we speak: a card with a text and buttons, or a pill. */
export function createToast(options) {
  // An element of its own name: the host app's rules for divs do not reach it. `ph-no-capture` is posthog-js'.
  const host = make("rasa-autoplay", "rasa-autoplay ph-no-capture");
  const text = make("div", "text");
  text.role = "status"; // always there: a screen reader announces only changes of what is there already
  text.setAttribute("role", "status");
  const rest = make("div", "rest");
  const card = make("section", "idle", text, rest);
  const dock = make("div", "dock", card);
  const shadow = host.attachShadow({ mode: "open" });
  addStyles(shadow, TOAST_CSS);
  shadow.append(dock);

  /** What is shown now; null for nothing. */
  let view = null;
  let ticking = 0;
  let lastTick = 0;
  let seenMs = 0;
  let isOnScreen = false;
  let cameFrom = null;
  const isFocused = () => document.activeElement === host;
  const isEngaged = () => isFocused() || card.matches(":hover");

  const watching = new IntersectionObserver(([entry]) => (isOnScreen = entry.intersectionRatio > 0.7), {
    threshold: [0, 0.75],
  });
  watching.observe(card);
  const ends = [
    on(window, "keydown", onKey),
    on(host, "focusin", ({ relatedTarget }) => (cameFrom = relatedTarget || cameFrom)),
  ];

  /**
   * Show a card, or a pill.
   *
   * @param next - `kind`: card or pill. `actions`, `quiet`: `[label, run, when?]` each; the first action that is
   *   possible stands out. Of a card also `text`, `hint` (only heard), `onClose`, `onSeen`, and `onTimeout` after
   *   `seconds`. `onExpire` at `until`, epoch ms.
   */
  function show(next) {
    const hadFocus = isFocused();
    mount();
    view = next;
    seenMs = 0;
    lastTick = performance.now();
    const isCard = view.kind === "card";
    card.className = view.kind;
    card.setAttribute("role", "region");
    card.setAttribute("aria-label", options.texts.suggestion);
    text.textContent = view.text || "";
    if (view.hint) text.append(make("span", "sr", ` ${view.hint}`));
    const close = button("close", ["×", () => view.onClose()]);
    close.setAttribute("aria-label", options.texts.close);
    const row = (name) => make("div", name, ...(view[name] || []).map((action) => button("", action)));
    rest.replaceChildren(...(isCard ? [make("span", "lamp", lamp()), row("actions"), row("quiet"), close] : [row("actions")]));
    if (!isCard) rest.querySelector("button").prepend(lamp());
    clearInterval(ticking);
    ticking = setInterval(tick, TICK_MS);
    adapt();
    if (hadFocus) focus();
  }

  function hide() {
    const hadFocus = isFocused();
    view = null;
    clearInterval(ticking);
    card.className = "idle";
    card.removeAttribute("role");
    text.textContent = "";
    rest.replaceChildren();
    if (hadFocus) cameFrom?.focus?.();
  }

  function mount() {
    if (!host.isConnected) document.body.append(host);
  }

  const focus = () => rest.querySelector(".actions button:not([hidden])")?.focus();

  function tick() {
    const now = performance.now();
    const passed = Math.min(now - lastTick, 2 * TICK_MS);
    lastTick = now;
    mount();
    adapt();
    if (Date.now() > view.until && !isEngaged()) return view.onExpire();
    if (document.hidden || view.kind !== "card") return;
    seenMs = isOnScreen ? seenMs + passed : 0;
    if (seenMs >= SEEN_AFTER_MS) view.onSeen?.();
    if (!isEngaged()) view.seconds -= passed / 1000;
    if (view.seconds <= 0) view.onTimeout();
  }

  /** To the page as it is now: colours, what can be offered, and where there is room. */
  function adapt() {
    paint(dock, options.theme);
    let isFirst = true;
    view.actions.forEach(([, , when], index) => {
      const action = rest.querySelector(".actions").children[index];
      action.hidden = when ? !when() : false;
      action.classList.toggle("first", isFirst && !action.hidden);
      isFirst = isFirst && action.hidden;
    });
    // Above the chat's launcher; beside its open window, or at the top where there is no room beside it.
    const launcher = find(options.launcher)?.getBoundingClientRect();
    const panel = find(options.panel)?.getBoundingClientRect();
    const isBeside = panel && panel.left > dock.offsetWidth + 28;
    let right = isBeside ? innerWidth - panel.left + 16 : launcher ? innerWidth - launcher.right : options.offset;
    let bottom = isBeside ? innerHeight - panel.bottom : launcher ? innerHeight - launcher.top + 16 : options.offset;
    right = Math.max(12, Math.min(right, innerWidth - dock.offsetWidth - 12));
    bottom = Math.max(12, panel && !isBeside ? innerHeight - card.offsetHeight - 12 : bottom);
    Object.assign(dock.style, { right: `${right}px`, bottom: `${bottom}px`, maxHeight: `${innerHeight - bottom - 12}px` });
  }

  function onKey(event) {
    if (!view || event.defaultPrevented) return;
    const isOurs = isEngaged() || document.activeElement === document.body;
    if (event.key === "F6") {
      event.preventDefault();
      if (isFocused()) cameFrom?.focus?.();
      else focus();
    } else if (event.key === "Escape" && isOurs && view.onClose) {
      event.preventDefault(); // elsewhere it closes the host app's own dialogs and menus
      view.onClose();
    }
  }

  return {
    show,
    hide,
    mount,
    focus,
    /** Say something to who listens to the page rather than sees it. */
    announce: (words) => view || (text.textContent = words),
    destroy() {
      hide();
      watching.disconnect();
      ends.forEach((end) => end());
      host.remove();
    },
  };
}

function button(classes, [label, run]) {
  const element = make("button", classes, label);
  element.type = "button";
  element.onclick = run;
  return element;
}

function lamp() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(svg.namespaceURI, "path");
  path.setAttribute("d", LAMP);
  svg.append(path);
  return svg;
}
