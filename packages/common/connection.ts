import type { Copilot, CopilotOptions } from "./autoplay.js";
import { CopilotError } from "./copilot_error.js";
import { createObservable, type Observable } from "./observable.js";
import { loadAutoplay } from "./script_element.js";
import { type CopilotSettings, optionsOf, userIdOf } from "./settings.js";

/** What this page has of the copilot now. */
export type CopilotState =
  | { status: "signed-out"; copilot: null; error: null }
  | { status: "loading"; copilot: null; error: null }
  | { status: "ready"; copilot: Copilot; error: null }
  | { status: "failed"; copilot: null; error: CopilotError };

/** One page's copilot: it follows the settings for as long as its component lives. */
export interface Connection {
  state: Observable<CopilotState>;
  /**
   * Have a copilot with these settings. Another user, or nobody, signs the former user out; the same user continues.
   *
   * @param latest - returns the settings of now.
   * @param more - options that are not settings.
   */
  start(latest: () => CopilotSettings, more?: Partial<CopilotOptions>): void;
  /** The component is gone: remove the copilot from the page. The user stays signed in. */
  stop(): void;
  /** Load the script again now. Otherwise the next attempt follows by itself. */
  retry(): void;
}

const SIGNED_OUT: CopilotState = { status: "signed-out", copilot: null, error: null };
const LOADING: CopilotState = { status: "loading", copilot: null, error: null };
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;

/** @param hasUser - whether somebody is signed in, for what is shown before the first `start`. */
export function createConnection(hasUser: boolean): Connection {
  const state = createObservable<CopilotState>(hasUser ? LOADING : SIGNED_OUT);
  /** The copilot that was made last, also if it has ended. */
  let former: Copilot | undefined;
  let visit: AbortController | undefined;
  let load = (): void => undefined;

  function stop(): void {
    visit?.abort();
    visit = undefined;
    load = () => undefined;
    if (state.get().copilot) former?.destroy();
    state.set(LOADING);
  }

  function start(latest: () => CopilotSettings, more: Partial<CopilotOptions> = {}): void {
    stop();
    if (!userIdOf(latest())) {
      void former?.signOut();
      former = undefined;
      return state.set(SIGNED_OUT);
    }
    visit = new AbortController();
    const { signal } = visit;
    const { base, nonce } = latest();
    let pauseMs = FIRST_PAUSE_MS;
    let timer: ReturnType<typeof setTimeout>;

    load = async () => {
      clearTimeout(timer);
      try {
        const { createCopilot } = await loadAutoplay(base, nonce);
        if (signal.aborted || state.get().copilot) return;
        former = createCopilot({ ...optionsOf(latest), ...more });
        state.set({ status: "ready", copilot: former, error: null });
      } catch (problem) {
        if (signal.aborted) return;
        state.set({ status: "failed", copilot: null, error: asError(problem) });
        // A server that comes back is not asked by all browsers at the same moment.
        timer = setTimeout(load, pauseMs * (0.5 + Math.random() / 2));
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      }
    };
    signal.addEventListener("abort", () => clearTimeout(timer));
    addEventListener("online", () => state.get().error && load(), { signal });
    load();
  }

  function retry(): void {
    if (!state.get().error) return;
    state.set(LOADING);
    load();
  }

  return { state, start, stop, retry };
}

function asError(problem: unknown): CopilotError {
  if (problem instanceof CopilotError) return problem;
  const why = problem instanceof Error ? problem.message : String(problem);
  return new CopilotError("failed", `The copilot could not start: ${why}`, { cause: problem });
}
