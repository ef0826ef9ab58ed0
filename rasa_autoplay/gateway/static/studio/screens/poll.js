// Asks again and again, but only while somebody looks.

/**
 * Call an async function at once, then every `everyMs` after it has ended, until the signal is aborted.
 *
 * While the tab is hidden nothing is asked; when it is shown again, it is asked at once. Errors are the function's own
 * to show. Returns a function that asks at once.
 */
export function poll(ask, everyMs, signal) {
  let timer = 0;
  let isAsking = false;
  async function turn() {
    clearTimeout(timer);
    if (isAsking || signal.aborted || document.hidden) return;
    isAsking = true;
    try {
      await ask();
    } catch (problem) {
      if (problem.name !== "AbortError") console.error(problem);
    }
    isAsking = false;
    if (!signal.aborted) timer = setTimeout(turn, everyMs);
  }
  document.addEventListener("visibilitychange", turn, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
  turn();
  return turn;
}
