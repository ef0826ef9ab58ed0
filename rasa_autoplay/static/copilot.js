import { withDefaults } from "./options.js";
import { on } from "./page.js";
import { serverAt } from "./server.js";
import { sharedState, whenLeader } from "./tabs.js";
import { openFeed } from "./feed.js";
import { createToast } from "./toast.js";
import { PROVIDERS, readyTour } from "./tours.js";
import { forgetChat, rasaWebchat, speakInChat, stayAlive } from "./chat.js";

/** Without a leader each visible tab listens for this long at a time, and pauses in between. */
const POLL_SECONDS = 10;

/**
 * Listen for offers to a user, show them, and bring what the user chooses.
 *
 * The tabs of a browser agree on `{offer, phase, sent}`: the current offer, whether it stands as a card or as a
 * pill or is closed, and which receipts were sent. So each receipt is sent once, and what is closed in one tab
 * is closed in all.
 *
 * @param {Partial<import("./options.js").CopilotOptions>} given
 * @returns `{showTour(tour), destroy()}`: showTour starts a tour, the current offer's by its id or one that is
 *   handed over as `{id, provider, steps}`, and resolves to whether it could.
 */
export function createCopilot(given) {
  const options = withDefaults(given);
  const { texts, userId, base } = options;
  if (!userId) throw new Error("rasa-autoplay needs a userId");
  const server = serverAt(options);
  const chat = options.chat || rasaWebchat(options);
  const shared = sharedState(`${base} ${userId}`, render);
  const toast = createToast(options);
  /** What this tab shows: an offer and its phase, so that the same is not shown twice. */
  let shown = "";
  let stopTour = null;
  let stopListening;

  function listen() {
    stopListening = whenLeader(`${base} ${userId}`, () => {
      const last = () => shared.get()?.offer.offer_id;
      const wait = navigator.locks ? 0 : POLL_SECONDS;
      const ends = [openFeed(() => server.feedUrl({ last_event_id: last(), wait }), take), stayAlive()];
      return () => ends.forEach((end) => end());
    });
  }

  async function take(text) {
    const offer = JSON.parse(text);
    const isNews = (state) => !isOver(offer) && state?.offer.offer_id !== offer.offer_id;
    if (await shared.change((state) => isNews(state) && { offer, phase: "card", sent: [] })) render();
  }

  /** Show what the tabs agree on. */
  function render() {
    if (stopTour || !document.body) return;
    const { offer, phase } = shared.get() || {};
    if (!offer || phase === "closed" || isOver(offer)) {
      if (shown) hide();
    } else if (shown !== offer.offer_id + phase) {
      shown = offer.offer_id + phase;
      (phase === "pill" ? showPill : showCard)(offer);
    }
  }

  function hide() {
    shown = "";
    toast.hide();
  }

  function showCard(offer) {
    const answer = (event) => () => {
      hide();
      report(offer, event, "closed");
    };
    const accept = (tour) => async () => {
      answer("accepted")();
      if (!tour || !(await showTour(tour(), offer))) await openChat(offer);
    };
    const tour = () => readyTour(offer.tours);
    toast.show({
      kind: "card",
      text: offer.body,
      hint: texts.hint,
      seconds: options.toastSeconds,
      until: offer.expires_at * 1000,
      actions: [
        [texts.showMe, accept(tour), tour],
        [texts.openChat, accept()],
      ],
      quiet: [
        [texts.later, answer("snoozed")],
        [texts.never, answer("never")],
      ],
      onClose: answer("dismissed"),
      onSeen: () => report(offer, "seen"),
      onTimeout() {
        report(offer, "timed_out", "pill");
        shown = `${offer.offer_id}pill`;
        showPill(offer);
      },
      onExpire: hide,
    });
    report(offer, "rendered");
  }

  function showPill(offer) {
    toast.show({
      kind: "pill",
      until: Math.min(offer.expires_at * 1000, Date.now() + options.pillMinutes * 60000),
      actions: [[texts.suggestion, () => (showCard(offer), toast.focus())]],
      onExpire: hide,
    });
  }

  /** Send a receipt, unless this browser has sent it; optionally the offer moves on to another phase. */
  async function report(offer, event, phase) {
    const { offer_id } = offer;
    const note = (state) =>
      state?.offer.offer_id === offer_id &&
      !state.sent.includes(event) && { ...state, phase: phase || state.phase, sent: [...state.sent, event] };
    if (note(shared.get()) && (await shared.change(note))) server.report("/proactive/ack", { offer_id, event });
  }

  /** Resolves to whether there was a tour; one that loses its way hands over to the chat. */
  async function showTour(tour, offer) {
    if (!tour || (await server.post("/tour/start", { tour_id: tour.id })) === 404) return false;
    stopTour?.();
    try {
      const { missing } = await PROVIDERS[tour.provider].run(tour, {
        options,
        announce: toast.announce,
        onStep: () => server.report("/tour/step"),
        onStop: (stop) => (stopTour = stop),
      });
      if (missing && offer) openChat(offer, missing.id);
      return true;
    } catch (problem) {
      console.warn("rasa-autoplay: no tour:", problem);
      return false;
    } finally {
      stopTour = null;
      server.report("/tour/end");
      render();
    }
  }

  async function openChat(offer, step) {
    const { offer_id, trigger_id, body } = offer;
    const inject = (sender_id) => server.post("/proactive/inject", { sender_id, offer_id, trigger_id, body, step });
    if (await speakInChat(chat, inject, options.chatSeconds * 1000)) return;
    shown = "failure";
    toast.show({
      kind: "card",
      text: texts.failed,
      seconds: options.toastSeconds,
      actions: [[texts.retry, () => (hide(), openChat(offer, step))]],
      onClose: hide,
      onTimeout: hide,
    });
  }

  if (options.freshChat && !options.chat) forgetChat();
  listen();
  const ends = [
    on(document, "DOMContentLoaded", begin),
    on(window, "pagehide", () => stopListening()),
    on(window, "pageshow", (event) => event.persisted && listen()), // out of the back/forward cache
  ];
  if (document.body) begin();
  function begin() {
    toast.mount();
    render();
  }

  return {
    showTour(tour) {
      const { offer } = shared.get() || {};
      return showTour(tour.id ? tour : offer?.tours.find(({ id }) => id === tour), offer);
    },
    destroy() {
      ends.forEach((end) => end());
      stopListening();
      stopTour?.();
      toast.destroy();
      shared.close();
    },
  };
}

const isOver = (offer) => offer.expires_at * 1000 <= Date.now();
