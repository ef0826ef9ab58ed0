import { watch } from "vue";
import { createConnection } from "./connection.js";
import { createOffers } from "./offers.js";
import type { Provided } from "./provided.js";
import { type CopilotSettings, keyOf, userIdOf } from "./settings.js";

/**
 * Have a copilot that follows the settings until the surrounding effect scope ends.
 *
 * @param settings - returns the settings of now.
 * @returns what to provide, and what ends the copilot.
 */
export function followSettings(settings: () => CopilotSettings): { provided: Provided; stop(): void } {
  const connection = createConnection(userIdOf(settings()) !== "");
  const offers = createOffers();
  const isOwn = () => settings().toast === "own";
  const provided = { connection, offers: offers.current, isOwn, userId: () => userIdOf(settings()) };
  // A server renders the page without a copilot.
  if (typeof window === "undefined") return { provided, stop: () => undefined };
  const end = watch(
    () => keyOf(settings()),
    () => connection.start(settings, isOwn() ? { toast: offers.toast } : {}),
    { immediate: true },
  );
  const stop = () => {
    end();
    connection.stop();
  };
  return { provided, stop };
}
