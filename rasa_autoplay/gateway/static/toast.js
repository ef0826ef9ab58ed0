import { addStyles, find, make, onAbort } from "./dom.js";
import { renderMarkdown } from "./markdown.js";
import { FILLED, FOCUS, MARKDOWN, SHARED, paint } from "./theme.js";

/** The copilot's one place on the page, at the bottom right: a card with a text and buttons, or a pill. */
export function createToast({ texts, theme, offset, ...options }, signal) {
  const text = make("div", "text");
  // Always in the page, because screen readers only announce changes of an existing element.
  text.role = "status";
  const rest = make("div", "rest");
  const card = make("section", "idle", text, rest);
  const dock = make("div", "dock", card);
  // A custom element, so that the host app's CSS rules for divs do not match. `ph-no-capture` makes posthog-js ignore it.
  const host = make("rasa-autoplay", "rasa-autoplay ph-no-capture");
  const shadow = host.attachShadow({ mode: "open" });
  addStyles(shadow, TOAST_CSS);
  shadow.append(dock);

  // The current view, or null; and the element that had the focus before the toast got it.
  let view, timer, seenMs, previousFocus;
  const isFocused = () => document.activeElement === host;
  const isHeld = () => isFocused() || card.matches(":hover");
  const leave = () => (previousFocus?.isConnected ? previousFocus.focus() : shadow.activeElement?.blur());
  const focus = () => rest.querySelector(".actions button:not([hidden])")?.focus();

  addEventListener("keydown", onKey, { signal });
  host.addEventListener("focusin", ({ relatedTarget }) => (previousFocus = relatedTarget || previousFocus));
  onAbort(signal, () => {
    hide();
    host.remove();
  });

  /**
   * Show a card, or a pill.
   *
   * @param next - `actions`, `quiet`: `[label, run, when?]` each. The first possible action is the primary button.
   *   `onExpire` is called once `isExpired()`. A card also has `text`, `onClose`, `onSeen`, and `onTimeout` after `seconds`.
   */
  function show(next) {
    const hadFocus = isFocused();
    mount();
    view = next;
    seenMs = 0;
    card.className = view.onClose ? "card" : "pill";
    card.ariaLabel = texts.suggestion;
    text.replaceChildren(...renderMarkdown(view.text || ""));
    const row = (name) => make("div", name, ...(view[name] || []).map(button));
    rest.replaceChildren(row("actions"));
    if (view.onClose) {
      text.append(make("span", "sr", ` ${texts.hint}`));
      const close = button(["×", view.onClose]);
      close.className = "close";
      close.ariaLabel = texts.close;
      rest.append(row("quiet"), close);
    }
    clearInterval(timer);
    timer = setInterval(tick, 200);
    adapt();
    if (hadFocus) focus();
  }

  function hide() {
    if (isFocused()) leave();
    view = null;
    clearInterval(timer);
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
    if (view.isExpired?.() && !isHeld()) return view.onExpire();
    if (document.hidden || !view.onClose) return;
    const { x, y } = card.getBoundingClientRect();
    // It counts as seen after a second during which nothing of the host app covered it.
    seenMs = document.elementFromPoint(x + 20, y + 20) === host ? seenMs + 200 : 0;
    if (seenMs === 1000) view.onSeen?.();
    if (!isHeld()) view.seconds -= 0.2;
    if (view.seconds <= 0) view.onTimeout();
  }

  /** Adapt colours, available actions and position to the page. */
  function adapt() {
    view.actions.forEach(([, , when], index) => {
      rest.firstChild.children[index].hidden = when && !when();
    });
    // Above the chat's launcher; beside its open window, or at the top if there is no room beside it.
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
    // Elsewhere, Escape belongs to the host app's dialogs and menus.
    const isEscape = event.key === "Escape" && (isHeld() || document.activeElement === document.body);
    if (!view || event.defaultPrevented || !(isEscape || event.key === "F6")) return;
    event.preventDefault();
    if (isEscape) view.onClose?.();
    else if (isFocused()) leave();
    else focus();
  }

  /** Let screen readers read a text aloud. */
  const announce = (message) => view || (text.textContent = message);

  return { show, hide, mount, focus, announce };
}

function button([label, run]) {
  const element = make("button", "", label);
  element.type = "button";
  element.onclick = run;
  return element;
}

const STAR = "M10 0Q11 9 20 10 11 11 10 20 9 11 0 10 9 9 10 0";

/** Styles inside the toast's shadow root. `idle` hides visually; screen readers still read the text. */
const TOAST_CSS = `
:host{all:initial}
.dock{position:fixed;z-index:var(--autoplay-z-index,2147483000);display:flex;justify-content:end;width:376px;max-width:calc(100vw - 24px);pointer-events:none}
.idle,.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.rest{display:contents}
.card,.pill{${SHARED};pointer-events:auto}
.card{display:grid;grid-template-columns:36px 1fr 28px;column-gap:12px;width:100%;max-height:inherit;overflow:auto;padding:18px 16px 12px 18px}
.card:before,.card:after{content:"";grid-area:1/1;height:36px;border-radius:11px;background:var(--hover)}
.card:after,.pill button:before{content:"";width:20px;height:20px;margin:8px;background:var(--accent);clip-path:path("${STAR}")}
.text{grid-area:1/2;align-self:center;overflow-wrap:anywhere}
${MARKDOWN}
button{all:unset;cursor:pointer;text-align:center;border-radius:10px}
button:hover{background:var(--hover)}
${FOCUS}
[hidden]{display:none}
.close{grid-area:1/3;height:28px;margin-top:-6px;font-size:21px;line-height:26px}
.actions,.quiet{grid-column:1/-1;display:flex;flex-wrap:wrap;gap:8px;font-size:14px}
.actions{margin:16px 2px 8px 0;font-weight:600}
.card .actions button{flex:1;padding:9px 14px;border:1px solid var(--border)}
.card .actions :not([hidden],:not([hidden])~*){${FILLED}}
.quiet{justify-content:space-between;margin:0 -8px;font-size:13px}
.quiet button{padding:5px 10px}
.quiet button,.close{color:var(--muted)}
.pill,.pill *{border-radius:99px;margin:0}
.pill button{display:flex;padding:2px 18px 2px 6px;line-height:36px}
@keyframes rise{from{opacity:0;transform:translateY(14px)}}
@media(prefers-reduced-motion:no-preference){.card,.pill{animation:rise .35s cubic-bezier(.2,.9,.25,1)}}`;
