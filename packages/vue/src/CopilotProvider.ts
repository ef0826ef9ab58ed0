import { defineComponent, onUnmounted, provide } from "vue";
import { followSettings } from "./followSettings.js";
import { COPILOT } from "./provided.js";
import { type CopilotSettings, SETTINGS } from "./settings.js";

/**
 * Gives the components in it the copilot of the signed-in user. Put one around your app, or use the plugin.
 *
 * Another `userId` signs the former user out. Unmounting only removes the copilot from the page: when the user signs out,
 * give it null.
 */
export const CopilotProvider = defineComponent(
  (settings: CopilotSettings, { slots }) => {
    const { provided, stop } = followSettings(() => ({ ...settings }));
    provide(COPILOT, provided);
    onUnmounted(stop);
    return () => slots["default"]?.();
  },
  { name: "CopilotProvider", props: [...SETTINGS] },
);
