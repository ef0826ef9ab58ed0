import { CHATS, withDefaults } from "./options.js";
import { createApi, loadModule, loadPatiently } from "./api.js";
import { attempt, onAbort } from "./dom.js";
import { clearStorage, onReturn, openChannel, runAsLeader, sharedState, whileShown } from "./cross_tab.js";
import { createOutbox } from "./outbox.js";
import { openFeed } from "./feed.js";
import { createRegion } from "./region.js";
import { preferredLanguages, textsLoader } from "./texts.js";
import { loadOffers } from "./lazy_offers.js";
import { lazyChat } from "./lazy_chat.js";
import { consentTeller } from "./consent.js";
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
  const { userId, base } = options;
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
  const loadTexts = textsLoader(options, given.texts);
  const ownChat = CHATS[options.chat] && lazyChat(options, loadTexts, signal);
  const chat = (options.chat = ownChat || options.chat);
  const parts = { name, options, api, shared, outbox, region, loadTexts, signal };
  let loading, tips;
  /** Connects the feed again, if this tab has it: see feed.js. */
  let check;
  /** The languages that the feed asks for: those of the tab where they have changed last. */
  let languages = preferredLanguages(options).join();

  /** A tour that ran in this tab before the page was loaded: see touring.js. */
  const hasStoredTour = () => attempt(() => sessionStorage["rasa-autoplay-tour"]);

  /** A promise of what shows offers and tours: see offers.js. It is loaded when there is something to show. */
  function offers() {
    const hasTour = shared.waiting()?.tours?.length || hasStoredTour();
    return (loading ||= loadOffers(parts, hasTour));
  }

  /** Keep a new offer; or the current one's texts, if it comes again in another language. */
  function receive(data) {
    const offer = attempt(() => JSON.parse(data));
    const current = shared.get()?.offer;
    if (!offer?.offer_id || outbox.isUnwanted(offer.trigger_id)) return;
    if (offer.offer_id !== current?.offer_id) shared.start({ ...offer, languages });
    else if (current.languages !== languages) shared.reword({ ...offer, languages });
    else return;
    render();
  }

  /** Show the shared state. */
  async function render() {
    if (!document.body || signal.aborted) return;
    region.mount();
    if (loading || shared.waiting()) (await offers())?.render();
  }

  function feedUrl(wait) {
    const { offer } = shared.get() || {};
    // An offer that is here in another language is asked for again.
    const last_event_id = offer?.languages === languages ? offer.offer_id : "";
    return api.feedUrl({ last_event_id, wait, receipts: 1, languages });
  }

  /** Listen to the feed, if no other tab does. */
  function listen(visit) {
    const lead = (isShared) => {
      const progressed = async (data) => (await offers())?.progress(JSON.parse(data));
      const on = { proactive: receive, tour: receive, tour_progress: progressed, consent: inAllTabs("consent"), tips: inAllTabs("tips") };
      check = openFeed(feedUrl, on, isShared, visit);
      announceTab(visit);
    };
    runAsLeader(name, lead, visit);
    const onBack = (reason) => {
      check?.(reason);
      // A new tab has not heard it.
      if (check && consent) tellTabs(["consent", consent]);
      if (reason !== "tick") outbox.retry();
    };
    onReturn(name, onBack, visit);
    onAbort(visit, () => (check = null));
    render();
  }

  /** What one tab hears for all of them. */
  const heard = {
    consent: hearConsent,
    languages(wanted) {
      languages = wanted;
      check?.("changed");
    },
    /** The user asks for the list in the chat. The tab that they look at opens it, whichever has the feed. */
    tips: () => document.hidden || copilot.openTips(),
  };
  const tellTabs = openChannel(`-tabs${name}`, signal, ([what, data]) => heard[what](data));
  const inAllTabs = (what) => (data) => {
    heard[what](data);
    tellTabs([what, data]);
  };

  /** The page may have another language now. */
  async function followLanguage() {
    const wanted = preferredLanguages(options).join();
    if (wanted === languages) return;
    inAllTabs("languages")(wanted);
    await loadTexts();
    ownChat?.draw?.();
    render();
  }

  const tellConsent = consentTeller(api, signal);
  /** What the server has said of consent, as JSON. */
  let consent;
  /** With the option `consent: "posthog"`. */
  let followingPosthog;

  /** The server says whether it needs the user's consent, and whether it has it. The page may want to ask for it. */
  function hearConsent(data) {
    if (data === consent) return;
    const detail = JSON.parse((consent = data));
    if (!detail.given) forget();
    dispatchEvent(new CustomEvent("rasa-autoplay-consent", { detail }));
    followingPosthog ||= options.consent === "posthog" && loadPatiently(base, "posthog_consent", signal).then((it) => it?.followPosthog(copilot.consent, signal));
  }

  /** Delete what this browser keeps of offers and tours. */
  function forget() {
    shared.forget();
    outbox.forget();
    attempt(() => delete sessionStorage["rasa-autoplay-tour"]);
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
  const pageLanguage = new MutationObserver(followLanguage);
  pageLanguage.observe(document.documentElement, { attributeFilter: ["lang"] });
  onAbort(signal, () => pageLanguage.disconnect());
  if (hasStoredTour()) offers().then((it) => it?.resume());

  const copilot = {
    async showTour(tourId) {
      const offer = shared.get()?.offer;
      const tour = offer?.tours?.find(({ id }) => id === tourId);
      return tour ? Boolean(await (await offers())?.showTour(tour, offer)) : false;
    },
    /** The list of the user's tips: see tips.js. */
    async openTips() {
      try {
        tips ||= loadModule(base, "tips.mjs").then((it) => it.createTips(options, api, { ...parts, offers }));
        await loadTexts();
        return (await tips).open();
      } catch (problem) {
        tips = null;
        console.warn("rasa-autoplay:", problem);
        return false;
      }
    },
    consent(isGiven) {
      if (!isGiven) forget();
      return tellConsent(isGiven);
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
