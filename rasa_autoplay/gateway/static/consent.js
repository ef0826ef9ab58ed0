import { jittered, sleep } from "./api.js";

/**
 * Returns a function that tells the server whether it may keep anything about the user. It tries until the server has
 * answered; the last call counts. It resolves to whether the server has accepted the answer.
 */
export function consentTeller(api, signal) {
  let last;
  return async (isGiven) => {
    const asked = (last = {});
    for (let pauseMs = 1000; last === asked && !signal.aborted; pauseMs = Math.min(pauseMs * 4, 60000)) {
      const { status } = await api.ask("/consent", { consent: Boolean(isGiven) });
      if (status && status < 500 && ![401, 429].includes(status)) return status === 200;
      await sleep(jittered(pauseMs));
    }
    return false;
  };
}
