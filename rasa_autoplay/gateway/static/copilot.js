import { withDefaults } from "./options.js";
import { serverAt, sleep } from "./server.js";
import { quietly } from "./page.js";
import { isFirst, sharedState, whenLeader } from "./tabs.js";
import { outboxOf } from "./outbox.js";
import { openFeed } from "./feed.js";
import { createToast } from "./toast.js";
import { forgetChat, rasaWebchat, speakInChat, stayAlive } from "./chat.js";

/** What a tour's button says unless the team has said otherwise; `texts` says it in the user's language. */
const SHOW_ME = "Show me";

/**
 * Listen for offers to a user, show them, and bring what the user chooses.
 *
 * The tabs of a browser agree on the current offer and on the receipts that were sent of it: each is sent once,
 * and what is answered in one tab is closed in all.
 *
 * @param {Partial<import("./options.js").CopilotOptions>} given
 * @returns `{showTour(id), destroy()}`: showTour starts a tour of the current offer, and resolves to whether it
 *   could.
 */
export function createCopilot(given) {
  const options = withDefaults(given);
  const { texts, userId, base } = options;
  if (!userId) throw new Error("rasa-autoplay needs a userId");
  const life = new AbortController();
  const { signal } = life;
  const server = serverAt(options);
  const chat = options.chat || rasaWebchat(options);
  const shared = sharedState(base + userId, render, signal);
  const outbox = outboxOf(base + userId, server.post, signal);
  const toast = createToast(options, signal);
  /** What this tab shows: an offer's id, and whether as a pill; so that the same is not shown twice. */
  let shown = "";
  let isTouring = false;
  /** What shows tours (see tours.js), by provider. It comes with the first offer that has one. */
  let providers = {};
  let coming;
  /** The offer that has waited for it: a button that comes later would be in the way of a click or a key. */
  let prepared;

  function take(data) {
    const offer = quietly(() => JSON.parse(data));
    if (!offer?.offer_id || offer.offer_id === shared.get()?.offer.offer_id) return;
    if (outbox.isUnwanted(offer.trigger_id)) return;
    shared.begin(offer);
    render();
  }

  /** Show what the tabs agree on. */
  function render() {
    if (isTouring || !document.body || signal.aborted) return;
    toast.mount();
    const { offer, sent } = shared.get() || {};
    if (!offer || shared.isOver() || sent.includes("closed")) {
      if (shown) hide();
      return;
    }
    if (offer.ordered) {
      if (shown !== offer.offer_id) follow(offer);
      return;
    }
    if (offer.tours?.length && prepared !== offer.offer_id) {
      prepared = offer.offer_id;
      Promise.race([loadProviders(), sleep(1000)]).then(render);
      return;
    }
    const isPill = sent.includes("timed_out");
    if (shown !== offer.offer_id + isPill) (isPill ? showPill : showCard)(offer);
  }

  /** What was ordered needs no answer: the tab that is looked at starts it, if the page has its element. */
  async function follow(offer) {
    hide();
    shown = offer.offer_id;
    await loadProviders();
    const tour = readyTour(offer);
    if (document.hidden || !tour || !(await isFirst(offer.offer_id))) return;
    shared.tell({ ...shared.get(), sent: ["closed"] });
    showTour(tour, offer);
  }

  const isReady = (tour) => providers[tour.provider]?.isReady(tour);
  const readyTour = (offer) => offer.tours?.find(isReady);

  /** `[label, tour]` of each; several that would say the same say what they show, too. */
  function tourButtons({ tours = [] }) {
    const said = (tour) => (tour.label && tour.label !== SHOW_ME ? tour.label : texts.showMe);
    const isAlone = (tour) => tours.every((it) => it === tour || said(it) !== said(tour));
    return tours.map((it) => [isAlone(it) || !it.title ? said(it) : `${said(it)}: ${it.title}`, it]);
  }

  function loadProviders() {
    const fail = (problem) => {
      coming = null;
      console.warn("rasa-autoplay:", problem);
    };
    coming ||= import(new URL(`${base}/tours.mjs`, document.baseURI)).then((it) => (providers = it.PROVIDERS), fail);
    return coming;
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
    const accept = (tour, reply) => async () => {
      answer("accepted")();
      if (!tour || !(await showTour(tour, offer))) openChat(offer, tour?.steps?.[0]?.id, reply);
    };
    // "Yes" and "No" answer the question themselves; anything else is said to the bot.
    const chosen = (reply) =>
      ({ yes: accept(), no: answer("dismissed") })[reply.toLowerCase()] || accept(null, reply);
    shown = `${offer.offer_id}false`;
    toast.show({
      text: offer.body,
      seconds: options.toastSeconds,
      isOver: shared.isOver,
      actions: [
        ...tourButtons(offer).map(([label, tour]) => [label, accept(tour), () => isReady(tour)]),
        [texts.openChat, accept()],
        ...(offer.reply_options || []).map((reply) => [reply, chosen(reply)]),
      ],
      quiet: [
        [texts.later, answer("snoozed")],
        [texts.never, answer("never")],
      ],
      onClose: answer("dismissed"),
      onSeen: () => report(offer, "seen"),
      onTimeout() {
        showPill(offer);
        report(offer, "timed_out");
      },
      onExpire: hide,
    });
    report(offer, "rendered");
  }

  function showPill(offer) {
    shown = `${offer.offer_id}true`;
    const end = performance.now() + options.pillMinutes * 60000;
    toast.show({
      isOver: () => shared.isOver() || performance.now() > end,
      actions: [[texts.suggestion, () => (showCard(offer), toast.focus())]],
      onExpire: hide,
    });
  }

  /** Send a receipt, unless this browser has sent it; "closed" is for the other tabs. */
  async function report({ offer_id, trigger_id }, event, ...more) {
    const state = shared.get();
    if (state.offer.offer_id !== offer_id || state.sent.includes(event)) return;
    shared.tell({ ...state, sent: [event, ...more] });
    if (await isFirst(offer_id + event)) outbox.add({ offer_id, event, trigger_id });
  }

  /** Resolves to whether there was a tour; one that loses its way hands over to the chat. */
  async function showTour(tour, offer) {
    if (!tour || isTouring || (await server.post("/tour/start", { tour_id: tour.id })) === 404) return false;
    isTouring = true;
    try {
      const onStep = () => server.report("/tour/step");
      await loadProviders();
      const missing = await providers[tour.provider].run(tour, { ...toast, options, signal, onStep });
      if (missing) openChat(offer, missing.id);
      return true;
    } catch (problem) {
      console.warn("rasa-autoplay:", problem);
      return false;
    } finally {
      isTouring = false;
      server.report("/tour/end");
      render();
    }
  }

  async function openChat(offer, step, reply) {
    const inject = (sender_id) => server.post("/proactive/inject", { ...offer, sender_id, step });
    if (await speakInChat(chat, inject, options.chatSeconds * 1000)) return reply && chat.say?.(reply);
    shown = "failure";
    toast.show({
      text: texts.failed,
      actions: [[texts.retry, () => (hide(), openChat(offer, step, reply))]],
      onClose: hide,
    });
  }

  if (options.freshChat && !options.chat) forgetChat();
  // Where each tab listens for itself, none may hold a connection for long: a browser has six of them.
  const [wait, pauseMs] = navigator.locks ? ["", 1000] : [1, 4000];
  const url = () => server.feedUrl({ last_event_id: shared.get()?.offer.offer_id || "", wait, receipts: 1 });
  const act = () => {
    openFeed(url, take, pauseMs, signal);
    stayAlive(signal);
  };
  whenLeader(base + userId, act, signal);
  document.addEventListener("DOMContentLoaded", render, { signal });
  render();

  return {
    showTour(tourId) {
      const offer = shared.get()?.offer;
      return showTour(offer?.tours.find(({ id }) => id === tourId), offer);
    },
    destroy: () => life.abort(),
  };
}
