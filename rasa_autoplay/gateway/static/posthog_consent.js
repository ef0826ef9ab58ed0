import { onAbort } from "./dom.js";

/** How often posthog-js is asked: it tells nobody that its user has chosen. */
const ASK_MS = 1000;

/** Call `tell(isGiven)` with what the user has chosen in posthog-js, and whenever that changes. */
export function followPosthog(tell, signal) {
  let known;
  const timer = setInterval(() => {
    const chosen = choiceIn(window.posthog);
    if (chosen === undefined || chosen === known) return;
    known = chosen;
    tell(chosen);
  }, ASK_MS);
  onAbort(signal, () => clearInterval(timer));
}

/**
 * Whether the user has opted in (true) or out (false); undefined before they have chosen. What posthog-js does by default
 * is no choice. Older versions do not tell the two apart, so there only the opposite of the default counts.
 */
function choiceIn(posthog) {
  if (!posthog?.__loaded) return;
  if (posthog.get_explicit_consent_status) return { granted: true, denied: false }[posthog.get_explicit_consent_status()];
  const isIn = !posthog.has_opted_out_capturing();
  return isIn === Boolean(posthog.config.opt_out_capturing_by_default) ? isIn : undefined;
}
