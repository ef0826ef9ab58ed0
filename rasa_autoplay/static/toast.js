import { addStyles, atEnd, find, make } from "./page.js";
import { TOAST_CSS, paint } from "./looks.js";

/** The one place at the bottom right where we speak: a card with a text and buttons, or a pill. */
export function createToast({ texts, theme, offset, ...options }, signal) {
  const text = make("div", "text");
  // Always there: a screen reader tells only of changes in what is there already.
  text.role = "status";
  const rest = make("div", "rest");
  const card = make("section", "idle", text, rest);
  const dock = make("div", "dock", card);
  // An element of its own name: the host app's rules for divs do not reach it. `ph-no-capture` is posthog-js'.
  const host = make("rasa-autoplay", "rasa-autoplay ph-no-capture");
  const shadow = host.attachShadow({ mode: "open" });
  addStyles(shadow, TOAST_CSS);
  shadow.append(dock);

  // What is shown now, null for nothing; and where the focus was before it came here.
  let view, ticking, seenMs, cameFrom;
  const isFocused = () => document.activeElement === host;
  const isHeld = () => isFocused() || card.matches(":hover");
  const leave = () => (cameFrom?.isConnected ? cameFrom.focus() : shadow.activeElement?.blur());
  const focus = () => rest.querySelector(".actions button:not([hidden])")?.focus();

  addEventListener("keydown", onKey, { signal });
  host.addEventListener("focusin", ({ relatedTarget }) => (cameFrom = relatedTarget || cameFrom));
  atEnd(signal, () => {
    hide();
    host.remove();
  });

  /**
   * Show a card, or a pill.
   *
   * @param next - `actions`, `quiet`: `[label, run, when?]` each; the first action that is possible stands out.
   *   `onExpire` at `until`, epoch ms. Of a card also `text`, `onClose`, `onSeen`, and `onTimeout` after `seconds`.
   */
  function show(next) {
    const hadFocus = isFocused();
    mount();
    view = next;
    seenMs = 0;
    card.className = view.onClose ? "card" : "pill";
    card.ariaLabel = texts.suggestion;
    text.textContent = view.text;
    const row = (name) => make("div", name, ...(view[name] || []).map(button));
    rest.replaceChildren(row("actions"));
    if (view.onClose) {
      text.append(make("span", "sr", ` ${texts.hint}`));
      const close = button(["×", view.onClose]);
      close.className = "close";
      close.ariaLabel = texts.close;
      rest.append(row("quiet"), close);
    }
    clearInterval(ticking);
    ticking = setInterval(tick, 200);
    adapt();
    if (hadFocus) focus();
  }

  function hide() {
    if (isFocused()) leave();
    view = null;
    clearInterval(ticking);
    card.className = "idle";
    card.ariaLabel = null;
    text.textContent = "";
    rest.replaceChildren();
  }

  function mount() {
    if (!host.isConnected) document.body.append(host);
  }

  /** Every 200 ms. */
  function tick() {
    mount();
    adapt();
    if (Date.now() > view.until && !isHeld()) return view.onExpire();
    if (document.hidden || !view.onClose) return;
    const { x, y } = card.getBoundingClientRect();
    // Seen when it has stood for a second with nothing of the host app's over it.
    seenMs = document.elementFromPoint(x + 20, y + 20) === host ? seenMs + 200 : 0;
    if (seenMs === 1000) view.onSeen?.();
    if (!isHeld()) view.seconds -= 0.2;
    if (view.seconds <= 0) view.onTimeout();
  }

  /** To the page as it is now: colours, what can be offered, and where there is room. */
  function adapt() {
    view.actions.forEach(([, , when], index) => {
      rest.firstChild.children[index].hidden = when && !when();
    });
    // Above the chat's launcher; beside its open window, or at the top where there is no room beside it.
    const [launcher, panel] = [options.launcher, options.panel].map((it) => find(it)?.getBoundingClientRect());
    let right = launcher ? innerWidth - launcher.right : offset;
    let bottom = launcher?.top > innerHeight / 2 ? innerHeight - launcher.top + 16 : offset;
    if (panel?.left > dock.offsetWidth + 28) {
      right = innerWidth - panel.left + 16;
      bottom = innerHeight - panel.bottom;
    } else if (panel) bottom = innerHeight - card.offsetHeight - 12;
    bottom = Math.max(12, bottom);
    right = Math.max(12, Math.min(right, innerWidth - dock.offsetWidth - 12));
    dock.style.cssText = `right:${right}px;bottom:${bottom}px;max-height:${innerHeight - bottom - 12}px`;
    paint(dock, theme);
  }

  function onKey(event) {
    // Elsewhere Escape closes the host app's own dialogs and menus.
    const isEscape = event.key === "Escape" && (isHeld() || document.activeElement === document.body);
    if (!view || event.defaultPrevented || !(isEscape || event.key === "F6")) return;
    event.preventDefault();
    if (isEscape) view.onClose?.();
    else if (isFocused()) leave();
    else focus();
  }

  /** Say something to who listens to the page rather than sees it. */
  const announce = (words) => view || (text.textContent = words);

  return { show, hide, mount, focus, announce };
}

function button([label, run]) {
  const element = make("button", "", label);
  element.type = "button";
  element.onclick = run;
  return element;
}
