import { loadModule, loadPatiently } from "./api.js";

/**
 * Load what shows offers: most pages never have one. Everything that the first card waits for is requested at the same
 * time.
 *
 * @param parts - what `createOffers` needs, with the `region` in place of the toast; `loadTexts()` resolves when the options
 *   have the texts of the user's language.
 * @param hasTour - whether the first thing to show needs tours.mjs.
 * @returns a promise of the offers, see offers.js; of nothing if the signal ends first.
 */
export async function loadOffers({ region, loadTexts, ...parts }, hasTour) {
  const { options, signal } = parts;
  const load = (name) => loadPatiently(options.base, name, signal);
  // offers.js imports it, and takes care of a failure.
  if (hasTour) loadModule(options.base, "tours.mjs").catch(() => {});
  const [toast, offers] = await Promise.all([load(options.toast ? "own_toast" : "toast"), load("offers"), loadTexts()]);
  if (signal.aborted) return;
  return offers.createOffers({ ...parts, toast: toast.createToast(region, options, signal) });
}
