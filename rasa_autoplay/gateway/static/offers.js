import { loadModule, sleep } from "./api.js";
import { onAbort } from "./dom.js";
import { isFirst } from "./first_tab.js";
import { rasaWebchat } from "./webchat.js";

/**
 * Shows what the tabs' shared state says, and does what the user chooses: the card or pill of an offer, its tours, and
 * the chat. copilot.js loads it with the first offer.
 *
 * @param parts - copilot.js' own: `name`, `options`, `api`, `shared`, `outbox`, `signal`; and `toast`, see toast.js.
 */
export function createOffers({ name, options, api, shared, outbox, toast, signal }) {
  const { texts } = options;
  const chat = options.chat || rasaWebchat(options);
  /** What this tab shows: see `viewOf`. The same view is not shown twice. */
  let shown = "";
  let isTouring = false;
  /** Runs tours (see touring.js). It is loaded with the first offer that has a tour. */
  let touring, loading;
  /** Whether the card opens the chat, or explains in its place. Offers wait until it is closed. */
  let isHelping = false;
  /** The offer that has waited for the providers. A button that appeared later could catch a click meant for another. */
  let prepared;

  /** Show the shared state. */
  function render() {
    if (isTouring || isHelping || signal.aborted) return;
    const offer = shared.waiting();
    if (!offer) return showRest();
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
    const isPill = shared.get().sent.includes("timed_out");
    if (shown !== viewOf(offer, isPill)) (isPill ? showPill : showCard)(offer);
  }

  const viewOf = ({ offer_id, languages }, isPill) => [offer_id, isPill, languages, texts.language].join();

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
    return (loading ||= loadModule(options.base, "tours.mjs").then(create, fail));
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
    shown = viewOf(offer, false);
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
    shown = viewOf(offer, true);
    const end = performance.now() + options.pillMinutes * 60000;
    toast.show({
      text: offer.body,
      isExpired: () => shared.isExpired() || performance.now() > end,
      actions: [
        [texts.suggestion, () => (showCard(offer), toast.focus())],
        [texts.tipsTitle || "My tips", openTips],
      ],
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

  const openTips = () => window[Symbol.for("rasa-autoplay")].copilot.openTips();

  /** Shift+F6 opens the list of tips. F6 does so, too, while nothing is shown and an offer waits for its answer. */
  function onKey(event) {
    if (event.key !== "F6" || event.defaultPrevented || !(event.shiftKey || (!shown && shared.waiting()))) return;
    event.preventDefault();
    openTips();
  }

  addEventListener("keydown", onKey, { signal });
  const timer = setInterval(() => touring?.stored()?.isPaused && render(), 1000);
  onAbort(signal, () => clearInterval(timer));

  return {
    render,
    showTour,

    /** Show an offer from the list of tips. */
    async open(offer) {
      shared.start(offer);
      prepared = offer.offer_id;
      if (offer.tours?.length) await Promise.race([loadTours(), sleep(1000)]);
      showCard(offer);
      toast.focus();
    },

    /** Continue the tour that ran in this tab before the page was loaded, or offer that where its page is back. */
    async resume() {
      await loadTours();
      const { tour, offer, reached, address, isPaused } = touring?.stored() || {};
      if (tour && !isPaused) showTour(tour, offer, reached, address);
    },

    /** Tell the tour that runs, in whichever tab, what the server has seen done. */
    async progress(done) {
      await loadTours();
      touring?.receive(done);
    },
  };
}
