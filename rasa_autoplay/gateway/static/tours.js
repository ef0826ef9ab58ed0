import { find } from "./page.js";
import { runWithDriver } from "./spotlight.js";
import { runFlow } from "./flow.js";
import { PRODUCTS } from "./products.js";

/**
 * What can show a tour, by `tour.provider`.
 *
 * `isReady(tour)`: could it show that tour on the page as it is now? `run(tour, context)`: show it; resolves to
 * the step whose element did not come, or to nothing when the tour was finished or left; rejects when it cannot
 * run at all.
 */
export const PROVIDERS = {
  driverjs: { isReady: (tour) => find(tour.steps?.[0]?.element), run: runWithDriver },
};

// The product itself looks for its elements; and it may still be loading.
for (const [name, product] of Object.entries(PRODUCTS)) {
  PROVIDERS[name] = { isReady: () => true, run: (tour, context) => runFlow(product, tour, context) };
}
