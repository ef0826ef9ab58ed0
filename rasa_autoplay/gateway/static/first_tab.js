import { requestLock } from "./locks.js";

/**
 * Whether this tab is the first to ask for a name. Only one tab gets a truthy result, until it is left. Without locks,
 * every tab does.
 */
export const isFirst = (what) =>
  new Promise((done) => {
    const hold = (lock) => {
      done(lock);
      return lock && new Promise((release) => addEventListener("pagehide", release));
    };
    requestLock(what, { ifAvailable: true }, hold).catch(() => done(true));
  });
