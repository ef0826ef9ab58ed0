import { find } from "./dom.js";
import { runWithDriver } from "./driver_tour.js";
import { runFlow } from "./provider_flow.js";
import { PRODUCTS } from "./products.js";

/**
 * The tour providers, by `tour.provider`.
 *
 * `isReady(tour)`: whether the page can show that tour now. `run(tour, context)`: shows the tour. Resolves to the step
 * whose element did not appear, or to undefined if the user finished or closed the tour. Rejects if the tour cannot
 * start.
 */
export const PROVIDERS = {
  driverjs: { isReady: (tour) => find(tour.steps?.[0]?.element), run: runWithDriver },
};

// A product finds its own elements, and may still be loading.
for (const [name, product] of Object.entries(PRODUCTS)) {
  PROVIDERS[name] = { isReady: () => true, run: (tour, context) => runFlow(product, tour, context) };
}
