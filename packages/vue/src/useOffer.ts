import type { ShallowRef } from "vue";
import { observed } from "./observed.js";
import { notOwn, type Offer } from "./offers.js";
import { useProvided } from "./provided.js";

/**
 * What your own toast shows now, and what its buttons do; null while there is nothing to show. The copilot needs the setting
 * `toast: "own"`.
 *
 * Give `ref` to the element that is your toast, or the offer does not count as shown.
 *
 * @throws where there is no copilot, or one that shows offers itself.
 */
export function useOffer(): Readonly<ShallowRef<Offer | null>> {
  const { offers, isOwn } = useProvided("useOffer()");
  if (!isOwn()) throw notOwn();
  return observed(offers);
}
