import type { OwnToast, ToastActions, ToastOffer } from "./autoplay.js";
import { createObservable, type Observable } from "./observable.js";

/** What a page's own toast shows, and what its buttons do. */
export interface Offer extends ToastOffer, Omit<ToastActions, "attach" | "showText"> {
  /**
   * The `ref` of the element that is the toast. Receipts follow that element: an offer counts as shown when it is visible, and
   * its time runs then.
   */
  ref(element: unknown): void;
  /** The `ref` of an empty element, such as a `div`: draws `text` in it, with its bold words, lists and links. */
  textRef(element: unknown): void;
}

/** What a component renders: a current offer, or null. The copilot sets it through `toast`. */
export function createOffers(): { current: Observable<Offer | null>; toast: OwnToast } {
  const current = createObservable<Offer | null>(null);
  const toast = {
    show(offer: ToastOffer, { attach, showText, ...actions }: ToastActions) {
      current.set({
        ...offer,
        ...actions,
        ref: (element) => attach(elementOf(element)),
        textRef: (element) => showText(elementOf(element)),
      });
    },
    hide: () => current.set(null),
  };
  return { current, toast };
}

/** Vue gives a component's instance to the `ref` of a component. */
function elementOf(given: unknown): Element | null {
  if (given instanceof Element) return given;
  const element = (given as { $el?: unknown } | null)?.$el;
  return element instanceof Element ? element : null;
}

/** Thrown by the hook, because an offer would never be shown. */
export const notOwn = (): Error =>
  new Error('useOffer() needs the setting toast="own". Otherwise the copilot shows its own toast.');
