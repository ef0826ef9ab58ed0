import { withDefaults } from "./options.js";
import { createApi } from "./api.js";
import { attempt } from "./dom.js";
import { clearStorage, onReturn, runAsLeader, sharedState, whileShown } from "./cross_tab.js";
import { createOutbox } from "./outbox.js";
import { openFeed } from "./feed.js";
import { createRegion } from "./region.js";
import { loadOffers } from "./lazy_offers.js";
import { announceTab, clearChatSession, removeWebchat } from "./webchat_session.js";

/** The page's last copilot, whichever script has created it: `{name, copilot, isActive()}`. */
export const COPILOT = Symbol.for("rasa-autoplay");

/**
 * Receive offers for a user, and load what shows them and does what the user chooses.
 *
 * The tabs of a browser share the current offer and its receipts. Each receipt is sent once, and an offer that is
 * answered in one tab closes in all tabs.
 *
 * @param {Partial<import("./options.js").CopilotOptions>} given
 * @returns see `Copilot` in autoplay.d.ts. A page has one copilot: the same user gets the one that there is, and another
 *   user's is signed out.
 */
export function createCopilot(given) {
  const options = withDefaults(given);
  const { userId, base, chat } = options;
  if (!userId) throw new Error("rasa-autoplay needs a userId");
  const name = base + userId;
  const last = window[COPILOT];
  if (last?.name === name && last.isActive()) return last.copilot;
  if (last?.name !== name) last?.copilot.signOut();
  const lifetime = new AbortController();
  const { signal } = lifetime;
  const api = createApi(options);
  const shared = sharedState(name, render, leave, signal);
  const outbox = createOutbox(name, api.post, signal);
  const region = createRegion(signal);
  let loading;

  /** A tour that ran in this tab before the page was loaded: see touring.js. */
  const hasStoredTour = () => attempt(() => sessionStorage["rasa-autoplay-tour"]);

  /** A promise of what shows offers and tours: see offers.js. It is loaded when there is something to show. */
  function offers() {
    const hasTour = shared.waiting()?.tours?.length || hasStoredTour();
    return (loading ||= loadOffers({ name, options, api, shared, outbox, region, signal }, hasTour));
  }

  function receive(data) {
    const offer = attempt(() => JSON.parse(data));
    if (!offer?.offer_id || offer.offer_id === shared.get()?.offer.offer_id) return;
    if (outbox.isUnwanted(offer.trigger_id)) return;
    shared.start(offer);
    render();
  }

  /** Show the shared state. */
  async function render() {
    if (!document.body || signal.aborted) return;
    region.mount();
    if (loading || shared.waiting()) (await offers())?.render();
  }

  /** Listen to the feed, if no other tab does. */
  function listen(visit) {
    let check;
    const lead = (isShared) => {
      const url = (wait) => api.feedUrl({ last_event_id: shared.get()?.offer.offer_id || "", wait, receipts: 1 });
      const progressed = async (data) => (await offers())?.progress(JSON.parse(data));
      check = openFeed(url, { proactive: receive, tour: receive, tour_progress: progressed }, isShared, visit);
      announceTab(visit);
    };
    runAsLeader(name, lead, visit);
    const onBack = (reason) => {
      check?.(reason);
      if (reason !== "tick") outbox.retry();
    };
    onReturn(name, onBack, visit);
    render();
  }

  let isSignedOut;
  /** End everything of this user on this page. In localStorage there may already be another user's data. */
  function leave() {
    isSignedOut = true;
    lifetime.abort();
    if (chat) chat.reset?.();
    else removeWebchat();
    clearStorage("sessionStorage");
  }

  if (options.freshChat && !chat) clearChatSession();
  whileShown(listen, signal);
  document.addEventListener("DOMContentLoaded", render, { signal });
  if (hasStoredTour()) offers().then((it) => it?.resume());

  const copilot = {
    async showTour(tourId) {
      const offer = shared.get()?.offer;
      const tour = offer?.tours?.find(({ id }) => id === tourId);
      return tour ? Boolean(await (await offers())?.showTour(tour, offer)) : false;
    },
    async signOut() {
      if (isSignedOut) return;
      const sending = outbox.flush();
      shared.tellSignOut();
      leave();
      clearStorage("localStorage");
      await sending;
    },
    destroy: () => lifetime.abort(),
  };
  window[COPILOT] = { name, copilot, isActive: () => !signal.aborted };
  return copilot;
}
