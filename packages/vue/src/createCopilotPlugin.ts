import { type MaybeRefOrGetter, type Plugin, toValue } from "vue";
import { followSettings } from "./followSettings.js";
import { COPILOT } from "./provided.js";
import type { CopilotSettings } from "./settings.js";

/**
 * Gives a whole app the copilot of the signed-in user, for as long as the app is mounted.
 *
 * @param settings - an object, a ref or a getter. Reactive values in a getter are followed: another `userId` signs the former
 *   user out.
 */
export const createCopilotPlugin = (settings: MaybeRefOrGetter<CopilotSettings>): Plugin => ({
  install(app) {
    const { provided, stop } = followSettings(() => toValue(settings));
    app.provide(COPILOT, provided);
    app.onUnmount(stop);
  },
});
