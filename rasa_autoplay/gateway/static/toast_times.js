/** How often a toast looks at the page. */
export const TOAST_TICK_MS = 200;
/** It counts as seen after this time during which nothing of the host app covered it. */
export const SEEN_MS = 1000;
