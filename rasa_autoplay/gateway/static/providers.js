import { runOnPage } from "./page_tour.js";
import { runFlow } from "./provider_flow.js";
import { PRODUCTS } from "./products.js";
import { shownElement } from "./tour_steps.js";

/**
 * The tour providers, by `tour.provider`.
 *
 * `isReady(tour)`: whether the page can show that tour now. `run(tour, context)`: shows the tour. Resolves to
 * `{outcome, step}` (see page_tour.js), or to undefined if the product does not say how its flow ended. Rejects if the
 * tour cannot start. `isKept`: a tour that runs is continued after a page load.
 */
export const PROVIDERS = {
  // The name is older than our own spotlight. Today, it means the path's own steps.
  driverjs: {
    isReady: ({ steps }, reached = 0) => steps?.slice(0, reached + 1).some(shownElement),
    run: runOnPage,
    isKept: true,
  },
};

// A product finds its own elements, and may still be loading.
for (const [name, product] of Object.entries(PRODUCTS)) {
  PROVIDERS[name] = { isReady: () => true, run: (tour, context) => runFlow(product, tour, context) };
}
