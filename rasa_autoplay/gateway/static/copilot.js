import { withDefaults } from "./options.js";
import { createApi, loadModule, sleep } from "./api.js";
import { attempt, onAbort } from "./dom.js";
import { clearStorage, isFirst, onReturn, runAsLeader, sharedState, whileShown } from "./cross_tab.js";
import { createOutbox } from "./outbox.js";
import { openFeed } from "./feed.js";
import { lazyToast } from "./lazy_toast.js";
import { announceTab, clearChatSession, rasaWebchat } from "./chat.js";

/** The page's last copilot, whichever script has created it: `{name, copilot, isActive()}`. */
export const COPILOT = Symbol.for("rasa-autoplay");

/**
 * Receive offers for a user, show them, and do what the user chooses.
 *
 * The tabs of a browser share the current offer and its receipts. Each receipt is sent once, and an offer that is
 * answered in one tab closes in all tabs.
 *
 * @param {Partial<import("./options.js").CopilotOptions>} given
 * @returns `{showTour(id), signOut(), destroy()}`: see autoplay.d.ts. A page has one
 *   copilot: the same user gets the one that there is, and another user's is signed out.
 */
export function createCopilot(given) {
  const options = withDefaults(given);
  const { texts, userId, base } = options;
  if (!userId) throw new Error("rasa-autoplay needs a userId");
  const name = base + userId;
  const last = window[COPILOT];
  if (last?.name === name && last.isActive()) return last.copilot;
  if (last?.name !== name) last?.copilot.signOut();
  const lifetime = new AbortController();
  const { signal } = lifetime;
  const api = createApi(options);
  const chat = options.chat || rasaWebchat(options);
  const shared = sharedState(name, render, leave, signal);
  const outbox = createOutbox(name, api.post, signal);
  const toast = lazyToast(options, signal);
  /** What this tab shows: the offer's id and whether it is a pill. The same view is not shown twice. */
  let shown = "";
  let isTouring = false;
  /** Runs tours (see touring.js). It is loaded with the first offer that has a tour. */
  let touring, loading;
  /** Whether the card opens the chat, or explains in its place. Offers wait until it is closed. */
  let isHelping = false;
  /** The offer that has waited for the providers. A button that appeared later could catch a click meant for another. */
  let prepared;

  function receive(data) {
    const offer = attempt(() => JSON.parse(data));
    if (!offer?.offer_id || offer.offer_id === shared.get()?.offer.offer_id) return;
    if (outbox.isUnwanted(offer.trigger_id)) return;
    shared.start(offer);
    render();
  }

  /** Show the shared state. */
  function render() {
    if (isTouring || isHelping || !document.body || signal.aborted) return;
    toast.mount();
    const { offer, sent } = shared.get() || {};
    if (!offer || shared.isExpired() || sent.includes("closed")) return showRest();
    if (offer.ordered) {
      if (shown !== offer.offer_id) follow(offer);
      return;
    }
    if (offer.tours?.length && prepared !== offer.offer_id) {
      prepared = offer.offer_id;
      loadTours().then(() => touring?.reportIfMissing(offer));
      Promise.race([loadTours(), sleep(1000)]).then(render);
      return;
    }
    const isPill = sent.includes("timed_out");
    if (shown !== offer.offer_id + isPill) (isPill ? showPill : showCard)(offer);
  }

  /** An ordered tour needs no answer. The visible tab starts it, if the page has its first element. */
  async function follow(offer) {
    hide();
    shown = offer.offer_id;
    await loadTours();
    const tour = offer.tours?.find((it) => touring?.isReady(it));
    if (document.hidden || !(tour || offer.from_chat) || !(await isFirst(offer.offer_id))) return;
    shared.update({ ...shared.get(), sent: ["closed"] });
    // A user who asked for it in the chat gets an answer there.
    if (!(await showTour(tour, offer)) && offer.from_chat) openChat(offer, offer.tours[0].steps[0].id);
  }

  function loadTours() {
    const fail = (problem) => {
      loading = null;
      console.warn("rasa-autoplay:", problem);
    };
    const create = (it) => (touring = it.createTouring(name, { ...options, chat }, api, signal));
    return (loading ||= loadModule(base, "tours.mjs").then(create, fail));
  }

  function hide() {
    shown = "";
    toast.hide();
  }

  function showCard(offer) {
    const answer = (event, button) => {
      hide();
      report(offer, event, button, "closed");
    };
    shown = `${offer.offer_id}false`;
    toast.showOffer(offer, {
      answer,
      async accept(button, tour, reply) {
        answer("accepted", button);
        if (!tour || !(await showTour(tour, offer))) openChat(offer, tour?.steps?.[0]?.id, reply);
      },
      isReady: (tour) => touring?.isReady(tour),
      isExpired: shared.isExpired,
      report: (event) => report(offer, event),
      timeOut() {
        showPill(offer);
        report(offer, "timed_out");
      },
      hide,
    });
  }

  function showPill(offer) {
    shown = `${offer.offer_id}true`;
    const end = performance.now() + options.pillMinutes * 60000;
    toast.show({
      text: offer.body,
      isExpired: () => shared.isExpired() || performance.now() > end,
      actions: [[texts.suggestion, () => (showCard(offer), toast.focus())]],
      onExpire: hide,
    });
  }

  /** Send a receipt, unless this browser has sent it. "closed" only informs the other tabs. */
  async function report({ offer_id, trigger_id }, event, button, ...more) {
    const state = shared.get();
    if (state.offer.offer_id !== offer_id || state.sent.includes(event)) return;
    shared.update({ ...state, sent: [event, ...more] });
    if (await isFirst(offer_id + event)) outbox.add({ offer_id, event, trigger_id, button });
  }

  /** Without an offer, a tour that was interrupted by a change of the page can be continued where the page is back. */
  function showRest() {
    const paused = touring?.stored();
    const canContinue = paused?.isPaused && touring.isReady(paused.tour, paused.reached);
    if (!canContinue) return shown && hide();
    if (shown === "continue") return;
    shown = "continue";
    const resume = () => {
      hide();
      showTour(paused.tour, paused.offer, paused.reached);
    };
    toast.show({ actions: [[texts.resume, resume]] });
  }

  /** Resolves to whether a tour was shown. If a step's element is missing, the chat opens instead. */
  async function showTour(tour, offer, ...where) {
    if (!tour || isTouring || signal.aborted) return false;
    isTouring = true;
    try {
      await loadTours();
      const result = await touring.run(tour, offer, ...where);
      if (result?.outcome === "missing") openChat(offer, result.step.id);
      return Boolean(result);
    } catch (problem) {
      console.warn("rasa-autoplay:", problem);
      return false;
    } finally {
      isTouring = false;
      render();
    }
  }

  /** Continue the tour that ran in this tab before the page was loaded, or offer that where its page is back. */
  async function resumeTour() {
    if (!attempt(() => sessionStorage["rasa-autoplay-tour"])) return;
    await loadTours();
    const { tour, offer, reached, address, isPaused } = touring?.stored() || {};
    if (tour && !isPaused) showTour(tour, offer, reached, address);
  }

  /** Let the bot explain the steps in the chat, or the card if the chat does not open. */
  function openChat(...asked) {
    const close = () => {
      isHelping = false;
      hide();
      render();
    };
    isHelping = true;
    toast.explain({ chat, api, close }, ...asked);
  }

  let isSignedOut;
  /** End everything of this user on this page. In localStorage there may already be another user's data. */
  function leave() {
    isSignedOut = true;
    lifetime.abort();
    chat.reset?.();
    clearStorage("sessionStorage");
  }

  if (options.freshChat && !options.chat) clearChatSession();
  const listen = (visit) => {
    let check;
    const lead = (isShared) => {
      const url = (wait) => api.feedUrl({ last_event_id: shared.get()?.offer.offer_id || "", wait, receipts: 1 });
      const progressed = (data) => loadTours().then(() => touring?.receive(JSON.parse(data)));
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
  };
  whileShown(listen, signal);
  document.addEventListener("DOMContentLoaded", render, { signal });
  const timer = setInterval(() => touring?.stored()?.isPaused && render(), 1000);
  onAbort(signal, () => clearInterval(timer));
  resumeTour();

  const copilot = {
    showTour(tourId) {
      const offer = shared.get()?.offer;
      return showTour(offer?.tours.find(({ id }) => id === tourId), offer);
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
