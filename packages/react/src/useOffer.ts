"use client";

import { useSyncExternalStore } from "react";
import { useProvided } from "./CopilotProvider.js";
import { notOwn, type Offer } from "./offers.js";

/**
 * What your own toast shows now, and what its buttons do; null while there is nothing to show. The surrounding
 * `CopilotProvider` needs `toast="own"`.
 *
 * Give `ref` to the element that is your toast, or the offer does not count as shown.
 *
 * @throws outside of a provider, or in one that shows offers itself.
 */
export function useOffer(): Offer | null {
  const { offers } = useProvided("useOffer()");
  if (!offers) throw notOwn();
  return useSyncExternalStore(offers.subscribe, offers.get, () => offers.initial);
}
