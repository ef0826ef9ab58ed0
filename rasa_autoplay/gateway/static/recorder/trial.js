import { attempt } from "../dom.js";
import { createTouring } from "../touring.js";
import { goldenPathOf, stepIds, tourOf } from "./draft.js";

const TEXTS = { close: "Close", next: "Next", done: "Done" };
const OUTCOMES = {
  finished: "The tour reached its end.",
  left: "The tour was closed.",
  missing: "The tour stopped: this page doesn’t show the element of the step below.",
  elsewhere: "The tour stopped: this page isn’t part of the path.",
};
/** The tour's reports to the server are answered here: a trial is no user's tour. */
const ANSWERS = { "/tour/start": { done: [] }, "/tour/step": { on_path: true } };

/**
 * Play the draft's tour with the script that users have, and ask the matcher about each act.
 *
 * `state.trial` has the result, and survives page loads: `{step, outcome, ended, seen: {id: title}, others: [title]}`.
 */
export function createTrial(session, signal) {
  const { state } = session;
  let running;

  const api = {
    ask: async (path) => ({ status: 200, data: ANSWERS[path] }),
    async post(path, { step, outcome }) {
      if (state.trial && path !== "/tour/problem") Object.assign(state.trial, { step, outcome });
      if (state.trial) session.changed();
      return 200;
    },
  };

  /** Begin, or go on after a page load. */
  async function run() {
    running?.abort();
    running = new AbortController();
    const { signal: ended } = running;
    const options = { texts: TEXTS, theme: "auto", anchorSeconds: 5, chat: { isOpen: () => false }, launcher: ":not(*)" };
    const touring = createTouring("recorder", options, api, ended);
    const kept = state.trial.step ? touring.stored() : null;
    const tour = kept?.tour || tourOf(state.path);
    state.trial.step ||= tour.steps[0]?.id;
    session.changed();
    await touring.run(tour, null, kept?.reached || 0, kept?.address);
    if (!ended.aborted && state.trial) state.trial.ended = true;
    session.changed();
  }

  function stop() {
    if (running) attempt(() => delete sessionStorage["rasa-autoplay-tour"]);
    running?.abort();
    running = null;
  }
  signal.addEventListener("abort", stop);

  return {
    run,
    stop,
    describeOutcome: () => OUTCOMES[state.trial.ended ? state.trial.outcome : ""] || "",

    /** Where each step is: `[{id, title, isInTour, isBehind, isNow, seen}]`. */
    rows() {
      const ids = stepIds(state.path);
      const { step, outcome, seen } = state.trial;
      const shown = tourOf(state.path).steps.map(({ id }) => id);
      const at = outcome === "finished" ? shown.length : shown.indexOf(step);
      return goldenPathOf(state.path).steps.map(({ id, title, text }, index) => {
        const place = shown.indexOf(ids[index]);
        return { id, title: title || text, isInTour: place >= 0, isBehind: place >= 0 && place < at, isNow: place === at, seen: seen[id] };
      });
    },

    /** Ask which steps an act proves. */
    async match(event) {
      const { trial } = state;
      if (!event) return;
      const { status, data } = await session.ask("action", { event, draft: goldenPathOf(state.path) });
      if (status !== 200 || trial !== state.trial) return;
      for (const id of data.steps) trial.seen[id] ||= data.action.title;
      if (!data.steps.length) trial.others = [...trial.others, data.action.title].slice(-3);
      session.changed();
    },
  };
}
