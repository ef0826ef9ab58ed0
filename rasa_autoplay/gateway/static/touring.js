import { attempt } from "./dom.js";
import { findAll } from "./find.js";
import { PROVIDERS } from "./providers.js";
import { stepAside } from "./step_aside.js";
import { waysOf } from "./tour_steps.js";

/** Also in copilot.js, which loads this script where a tour is stored. */
const STORED_TOUR = "rasa-autoplay-tour";
/** A tour that was interrupted longer ago than this is not continued. */
const FRESH_MS = 1800000;
/** How long a page may take to show a tour's first element before the server is told that the page lacks it. */
const LATE_MS = 3000;

/**
 * Runs tours: on this page, and on the next one after a page load.
 *
 * @param name - tours of another name (user) are not continued.
 * @param options - the copilot's, with the chat widget.
 */
export function createTouring(name, options, api, signal) {
  /** What the engine sees done goes to the tour that runs in this tab, whichever tab has the feed. */
  const channel = attempt(() => new BroadcastChannel(STORED_TOUR + name));
  const listeners = new Set();
  const receive = (progress) => listeners.forEach((listener) => listener(progress));
  if (channel) channel.onmessage = ({ data }) => receive(data);
  signal.addEventListener("abort", () => channel?.close());

  /** Whether the page can show a tour now. */
  const isReady = (tour, reached) => PROVIDERS[tour.provider]?.isReady(tour, reached);

  /** The tour that this tab can continue: `{name, offer, tour, reached, address, at, isPaused}`; null if there is none. */
  function stored() {
    const kept = attempt(() => JSON.parse(sessionStorage[STORED_TOUR]));
    return kept?.name === name && Date.now() - kept.at < FRESH_MS ? kept : null;
  }

  const store = (kept) =>
    attempt(() => signal.aborted || (sessionStorage[STORED_TOUR] = JSON.stringify({ ...kept, name, at: Date.now() })));
  const forget = () => attempt(() => delete sessionStorage[STORED_TOUR]);

  /** Tell the server something, and try up to three times more after a network or server error. */
  async function report(path, data) {
    for (const pauseMs of [1000, 4000, 15000, 0]) {
      const status = await api.post(path, data);
      if (!pauseMs || (status && status < 500)) return;
      await new Promise((done) => setTimeout(done, pauseMs * (0.5 + Math.random() / 2)));
    }
  }

  /** Tell the server, for the operators, that this page cannot show a step. */
  const reportProblem = (tour, step) => {
    const problem = attempt(() => waysOf(step).map(findAll)) ? "missing" : "invalid";
    report("/tour/problem", { tour_id: tour.id, step: step?.id, problem, url: location.href });
  };

  return {
    isReady,
    stored,
    receive(progress) {
      receive(progress);
      channel?.postMessage(progress);
    },

    /** If the page does not show a tour's first element in time, report it; not if the user has moved on meanwhile. */
    async reportIfMissing({ tours = [] }) {
      const address = location.href;
      await new Promise((done) => setTimeout(done, LATE_MS));
      if (listeners.size || address !== location.href) return;
      for (const tour of tours) if (!signal.aborted && !isReady(tour)) reportProblem(tour, tour.steps?.[0]);
    },

    /**
     * Run a tour to its end, and report that.
     *
     * @param reached - the index of the step to begin at.
     * @param address - the page that the tour was on before.
     * @returns `{outcome, step}`; undefined if the server does not know the tour.
     */
    async run(tour, offer, reached = 0, address = location.href) {
      const about = { tour_id: tour.id, offer_id: offer?.offer_id };
      const { status, data } = await api.ask("/tour/start", about);
      if (status === 404) return;
      let result;
      const comeBack = stepAside(options.chat, tour, options);
      // Products continue their own flows after a page load.
      const keep = (index, more) =>
        PROVIDERS[tour.provider].isKept && store({ offer, tour, reached: index, address: location.href, ...more });
      try {
        keep(reached);
        result = await PROVIDERS[tour.provider].run(tour, {
          options,
          signal,
          reached,
          address,
          done: data?.done || [],
          onStep(index) {
            keep(index);
            report("/tour/step", { ...about, step: tour.steps?.[index]?.id });
          },
          onProgress(listener, ended) {
            const own = (progress) => progress.tour_id === tour.id && listener(progress);
            listeners.add(own);
            ended.addEventListener("abort", () => listeners.delete(own));
          },
          async leadsHere() {
            const { data: answer } = await api.ask("/tour/step", { ...about, url: location.href });
            return answer?.on_path;
          },
        });
        return result || {};
      } finally {
        comeBack();
        const { outcome, step } = result || {};
        if (outcome === "missing") reportProblem(tour, step);
        if (outcome === "elsewhere") keep(tour.steps.indexOf(step), { isPaused: true });
        else if (!signal.aborted) forget();
        report("/tour/end", { ...about, outcome, step: step?.id });
      }
    },
  };
}
