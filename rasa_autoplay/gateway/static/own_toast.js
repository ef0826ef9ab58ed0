import { onAbort } from "./dom.js";
import { explainInChat, sayInWebchat } from "./help.js";
import { renderMarkdown } from "./markdown.js";
import { watchModals } from "./modals.js";
import { offerCard } from "./offer_card.js";
import { SEEN_MS, TOAST_TICK_MS } from "./toast_times.js";

/** What the only button does that is not an offer's, by the kind of the view. */
const BUTTON_OF = { pill: "open", tour: "continue", help: "retry" };

/**
 * Hands what there is to show to the page's own toast: see `OwnToast` in autoplay.d.ts. It has the functions that
 * `createToast` has, and the same receipts: they follow the element that the page calls its toast.
 */
export function createOwnToast(_region, { texts, toast, ...options }, signal) {
  // The current view, or null; the labels of the buttons that the page has of it; and the page's element.
  let view, given, element, timer;
  let count = 0, isOnPage, isShown, seenMs, wantsFocus;
  let isBlocked = watchModals(null);
  const focused = () => element?.getRootNode().activeElement;
  const isHeld = () => element?.matches(":hover") || (focused() && element.contains(focused()));

  onAbort(signal, hide);

  /** @param next - see `show` in toast.js. */
  function show(next, kind = next.onClose ? "help" : next.text ? "pill" : "tour", offer = {}) {
    clearInterval(timer);
    view = { ...next, kind, offer, id: `${++count}` };
    given = null;
    seenMs = 0;
    isShown = false;
    timer = setInterval(tick, TOAST_TICK_MS);
    if (isBlocked()) clearPage();
    tick();
  }

  function hide() {
    clearInterval(timer);
    view = null;
    clearPage();
  }

  function clearPage() {
    if (isOnPage) callPage("hide");
    isOnPage = false;
  }

  function tick() {
    if (view.isExpired?.() && !isHeld()) return view.onExpire();
    if (isBlocked()) return;
    // What the page is given now it has drawn at the next tick.
    if (give() || document.hidden || !isVisible(element)) return;
    if (!isShown) view.onShow?.();
    isShown = true;
    if (wantsFocus) element.querySelector("button,[href],[tabindex]")?.focus();
    wantsFocus = false;
    if (view.kind !== "offer") return;
    if (seenMs < SEEN_MS) {
      seenMs = isUncovered(element) ? seenMs + TOAST_TICK_MS : 0;
      if (seenMs >= SEEN_MS) view.onSeen();
    }
    if (!isHeld()) view.seconds -= TOAST_TICK_MS / 1000;
    if (view.seconds <= 0) view.onTimeout();
  }

  /** Give the page what it has to show, if that is new. Returns whether the page has it now. */
  function give() {
    const possible = view.actions.filter(([, , when]) => !when || when());
    const labels = possible.map(([label]) => label).join("\n");
    if (labels === given) return false;
    given = labels;
    return (isOnPage = callPage("show", ...describeView(view, possible)));
  }

  function describeView(current, possible) {
    const { id, kind, offer, text = "", quiet = [], onClose = hide } = current;
    // The page may still show what was replaced; pressing it does nothing.
    const whileShown = (act) => act && (() => void (view === current && act()));
    const buttons = possible.map(([label, act, , does = BUTTON_OF[kind]]) => ({ label, kind: does, press: whileShown(act) }));
    const [snooze, never] = quiet.map(([, act]) => whileShown(act));
    const pressOf = (name) => buttons.find((it) => it.kind === name)?.press;
    return [
      { id, kind, offerId: offer.offer_id, triggerId: offer.trigger_id, text, buttons, texts: { ...texts } },
      {
        attach,
        showText: (place) => place?.replaceChildren(...renderMarkdown(text)),
        accept: () => buttons[0]?.press(),
        showMe: pressOf("show_me"),
        openChat: pressOf("open_chat"),
        dismiss: whileShown(onClose),
        snooze,
        never,
      },
    ];
  }

  /** The page says which element is its toast. */
  function attach(place) {
    element = place;
    isBlocked = watchModals(element);
  }

  /** An error of the page's ends nothing here: the offer can be answered in another tab. */
  function callPage(name, ...values) {
    try {
      toast[name](...values);
    } catch (problem) {
      console.error("rasa-autoplay: the page's own toast failed.", problem);
    }
    return true;
  }

  const showOffer = (offer, on) => show(offerCard(offer, { texts, ...options }, on), "offer", offer);
  const say = (message) => (options.chat ? options.chat.say?.(message) : sayInWebchat(message));
  const explain = (parts, ...asked) =>
    explainInChat({ ...parts, say, show, hide, texts, chatSeconds: options.chatSeconds, signal }, ...asked);

  return { show, showOffer, hide, focus: () => (wantsFocus = true), explain };
}

const isVisible = (it) => it?.getClientRects().length && getComputedStyle(it).visibility === "visible";

/** Whether the middle of an element is in the window and nothing is in front of it. */
function isUncovered(element) {
  const { x, y, width, height } = element.getBoundingClientRect();
  return element.contains(element.getRootNode().elementFromPoint(x + width / 2, y + height / 2));
}
