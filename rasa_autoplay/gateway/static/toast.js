import { make, onAbort } from "./dom.js";
import { find } from "./find.js";
import { addStyles } from "./styles.js";
import { explainInChat, sayInWebchat } from "./help.js";
import { renderMarkdown } from "./markdown.js";
import { watchModals } from "./modals.js";
import { offerCard } from "./offer_card.js";
import { FILLED, FOCUS, HOST, MARKDOWN, SHARED, paint } from "./theme.js";
import { SEEN_MS, TOAST_TICK_MS } from "./toast_times.js";

/**
 * The copilot's one place on the page, at the bottom right: a card with a text and buttons, or a pill.
 *
 * @param {{host, card, text, mount}} region - the elements that lazy_toast.js has made.
 */
export function createToast({ host, card, text, mount }, { texts, theme, offset, ...options }, signal) {
  const rest = make("div", "rest");
  const dock = card.parentNode;
  const shadow = host.shadowRoot;
  addStyles(shadow, TOAST_CSS);
  card.append(rest);

  // The current view, or null; whether it is visible yet; and the element that had the focus before the toast got it.
  let view, isDrawn, timer, place, previousFocus;
  // Ticks since the toast was shown and those that are accounted for, and how long it has been seen.
  let ticks, counted, seenMs;
  let hasPageChanged, launcher, panel;
  const pageChanges = new MutationObserver(() => (hasPageChanged = true));
  const isBlocked = watchModals(host);
  const isFocused = () => document.activeElement === host;
  const isHeld = () => isFocused() || card.matches(":hover");
  const leave = () => (previousFocus?.isConnected ? previousFocus.focus() : shadow.activeElement?.blur());
  const focus = () => rest.querySelector(".actions button:not([hidden])")?.focus();

  addEventListener("keydown", onKey, { signal });
  addEventListener("resize", () => (hasPageChanged = true), { signal });
  host.addEventListener("focusin", ({ relatedTarget }) => (previousFocus = relatedTarget || previousFocus));
  onAbort(signal, hide);

  /**
   * Show a card, or a pill. While something modal is open, it waits.
   *
   * @param next - `text`; `actions` and `quiet`: `[label, run, when?, …]` each. The first possible action is the primary
   *   button. `onShow` is called when it becomes visible, and `onExpire` once `isExpired()`. A card also has `onClose`,
   *   `onSeen`, and `onTimeout` after `seconds`.
   */
  function show(next) {
    const hadFocus = isFocused();
    clear();
    mount();
    view = next;
    seenMs = ticks = counted = 0;
    timer = setInterval(tick, TOAST_TICK_MS);
    pageChanges.observe(document, { subtree: true, childList: true, attributes: true });
    // An offer may expire while this script is loaded.
    if (!isBlocked() && !view.isExpired?.()) draw();
    if (hadFocus) focus();
  }

  function hide() {
    if (isFocused()) leave();
    clear();
  }

  function clear() {
    view = null;
    isDrawn = false;
    clearInterval(timer);
    pageChanges.disconnect();
    card.className = "idle";
    card.ariaLabel = null;
    text.replaceChildren();
    rest.replaceChildren();
  }

  function draw() {
    isDrawn = hasPageChanged = true;
    [host.lang, host.dir] = [texts.language, texts.direction];
    card.className = view.onClose ? "card" : "pill";
    card.ariaLabel = texts.suggestion;
    text.replaceChildren(...renderMarkdown(view.text || ""));
    const row = (name) => make("div", name, ...(view[name] || []).map(makeButton));
    rest.replaceChildren(row("actions"));
    if (view.onClose) {
      const close = makeButton(["×", view.onClose]);
      close.className = "close";
      close.ariaLabel = texts.close;
      rest.append(row("quiet"), close);
    } else text.textContent = [view.actions[0][0], text.textContent].filter(Boolean).join(": ");
    text.append(make("span", "sr", ` ${texts.hint}`));
    adapt();
    view.onShow?.();
  }

  /** Look at the page after it has changed, until the toast counts as seen, and otherwise once a second. */
  function tick() {
    const isCounting = view.onClose && isDrawn;
    ticks++;
    if (!hasPageChanged && ticks % 5 && !(isCounting && seenMs < SEEN_MS)) return;
    mount();
    if (view.isExpired?.() && !isHeld()) return view.onExpire();
    const elapsedMs = (ticks - counted) * TOAST_TICK_MS;
    counted = ticks;
    if (isBlocked()) return;
    if (!isDrawn) return draw();
    adapt();
    if (document.hidden || !isCounting) return;
    if (seenMs < SEEN_MS) {
      const { x, y } = card.getBoundingClientRect();
      seenMs = document.elementFromPoint(x + 20, y + 20) === host ? seenMs + elapsedMs : 0;
      if (seenMs >= SEEN_MS) view.onSeen?.();
    }
    if (!isHeld()) view.seconds -= elapsedMs / 1000;
    if (view.seconds <= 0) view.onTimeout();
  }

  /** Adapt colours, available actions and position to the page. */
  function adapt() {
    view.actions.forEach(([, , when], index) => {
      rest.firstChild.children[index].hidden = when && !when();
    });
    if (hasPageChanged) [launcher, panel] = [find(options.launcher), find(options.panel)];
    hasPageChanged = false;
    paint(dock, theme);
    moveTo(launcher?.getBoundingClientRect(), panel?.getBoundingClientRect());
    if (text.scrollHeight > text.clientHeight) text.tabIndex = 0;
    else text.removeAttribute("tabindex");
  }

  /** Above the chat's launcher; beside its open window, or at the top if there is no room beside it. */
  function moveTo(launcherBox, panelBox) {
    let right = launcherBox ? innerWidth - launcherBox.right : offset;
    let bottom = launcherBox?.top > innerHeight / 2 ? innerHeight - launcherBox.top + 16 : offset;
    if (panelBox?.left > dock.offsetWidth + 28) {
      right = innerWidth - panelBox.left + 16;
      bottom = innerHeight - panelBox.bottom;
    } else if (panelBox) bottom = innerHeight - card.offsetHeight - 12;
    bottom = Math.max(12, bottom);
    right = Math.max(12, Math.min(right, innerWidth - dock.offsetWidth - 12));
    const next = `${right} ${bottom} ${innerHeight}`;
    if (next === place) return;
    place = next;
    // `translate` is not a layout shift, as `right` and `bottom` would be.
    dock.style.translate = `${-right}px ${-bottom}px`;
    dock.style.maxHeight = `${innerHeight - bottom - 12}px`;
  }

  function onKey(event) {
    // Elsewhere, Escape belongs to the host app's dialogs and menus.
    const isEscape = event.key === "Escape" && (isHeld() || document.activeElement === document.body);
    if (!isDrawn || event.defaultPrevented || !(isEscape || (event.key === "F6" && !event.shiftKey)) || isBlocked()) return;
    event.preventDefault();
    if (isEscape) view.onClose?.();
    else if (isFocused()) leave();
    else focus();
  }

  const showOffer = (offer, on) => show(offerCard(offer, { texts, ...options }, on));
  // Without a widget of the app's own, it is rasa-webchat.
  const say = (message) => (options.chat ? options.chat.say?.(message) : sayInWebchat(message));
  const explain = (parts, ...asked) =>
    explainInChat({ ...parts, say, show, hide, texts, chatSeconds: options.chatSeconds, signal }, ...asked);

  return { show, showOffer, hide, focus, explain };
}

function makeButton([label, run]) {
  const element = make("button", "", label);
  element.type = "button";
  element.onclick = run;
  return element;
}

const STAR = "M10 0Q11 9 20 10 11 11 10 20 9 11 0 10 9 9 10 0";

/** Styles inside the toast's shadow root. `idle` hides visually; screen readers still read the text. */
const TOAST_CSS = `
${HOST}
.dock{position:fixed;right:0;bottom:0;z-index:var(--autoplay-z-index,2147483000);display:flex;justify-content:right;width:376px;max-width:calc(100vw - 24px);pointer-events:none}
.idle,.sr,.pill .text{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.rest{display:contents}
.card,.pill{${SHARED};pointer-events:auto}
.card{display:grid;grid-template:minmax(36px,1fr) auto auto/36px 1fr 28px;column-gap:12px;width:100%;max-height:inherit;overflow:auto;padding:18px 16px 12px 18px}
.card:before,.card:after{content:"";grid-area:1/1;height:36px;border-radius:11px;background:var(--hover)}
.card:after,.pill button:first-child:before{content:"";width:20px;height:20px;margin:8px;background:var(--accent);clip-path:path("${STAR}")}
.card .text{grid-area:1/2;align-self:center;max-height:100%;overflow:auto;overflow-wrap:anywhere;word-break:auto-phrase}
${MARKDOWN}
button{all:unset;cursor:pointer;text-align:center;border-radius:10px}
button:hover{background:var(--hover)}
${FOCUS}
:is(a,.text):focus-visible{outline:2px solid var(--accent)}
[hidden]{display:none}
.close{grid-area:1/3;height:28px;margin-top:-6px;font-size:21px;line-height:26px}
.actions,.quiet{grid-column:1/-1;display:flex;flex-wrap:wrap;gap:8px;font-size:14px}
.actions{margin:16px 2px 8px 0;font-weight:600}
.card .actions button{flex:1 1 auto;box-sizing:border-box;max-width:100%;padding:9px 14px;border:1px solid var(--border)}
.card .actions :not([hidden],:not([hidden])~*){${FILLED}}
.quiet{justify-content:space-between;margin:0 -8px;font-size:13px}
.quiet button{padding:5px 10px}
.quiet button,.close{color:var(--muted)}
.pill,.pill *{border-radius:99px;margin:0}
.pill button{display:flex;padding:2px 0;padding-inline:6px 18px;line-height:36px}
.pill button+button{padding-inline:14px;color:var(--muted);font-weight:400}
@media(forced-colors:active){.card:after,.pill button:first-child:before{forced-color-adjust:none;background:CanvasText}}
@keyframes rise{from{opacity:0;transform:translateY(14px)}}
@media(prefers-reduced-motion:no-preference){.card,.pill{animation:rise .35s cubic-bezier(.2,.9,.25,1)}}`;
