import { attempt } from "../dom.js";

/** Also in record_link.js, which loads the recorder where this is stored. */
const STORED = "rasa-autoplay-recorder";
/** How long a reloaded page may take to release the tab's lock. */
const RELOADED_MS = 2000;

/** Read what this tab has stored; undefined if there is nothing, or the browser refuses. */
export const readStored = () => attempt(() => JSON.parse(sessionStorage[STORED]));

/** Store the recorder's state in this tab. Returns whether the browser allowed that. */
export const store = (state) => attempt(() => ((sessionStorage[STORED] = JSON.stringify(state)), true)) || false;

export const removeStored = () => attempt(() => delete sessionStorage[STORED]);

/**
 * Whether this tab may record. A tab that the app opens gets a copy of the first tab's storage, but only one tab can
 * hold the recording's lock. Browsers have no locks on pages without https; there each tab records.
 */
export const holdRecording = (id) =>
  new Promise((done) => {
    const hold = () => {
      done(true);
      return new Promise(() => {});
    };
    const signal = attempt(() => AbortSignal.timeout(RELOADED_MS));
    const request = attempt(() => navigator.locks.request(STORED + id, { signal }, hold));
    if (request) request.catch(() => done(false));
    else done(true);
  });
