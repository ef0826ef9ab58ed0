import { inject, type InjectionKey } from "vue";
import type { Connection } from "./connection.js";
import type { Observable } from "./observable.js";
import type { Offer } from "./offers.js";

/** What the plugin or a provider gives to the components below it. */
export interface Provided {
  connection: Connection;
  /** What the page's own toast shows. */
  offers: Observable<Offer | null>;
  /** Whether the page has its own toast. */
  isOwn(): boolean;
  /** Who is signed in; empty if nobody is. */
  userId(): string;
}

export const COPILOT: InjectionKey<Provided> = Symbol("rasa-autoplay");

/** @throws where there is neither the plugin nor a provider. */
export function useProvided(what: string): Provided {
  const provided = inject(COPILOT, null);
  if (provided) return provided;
  throw new Error(`${what} needs app.use(createCopilotPlugin(…)) or a <CopilotProvider> around it.`);
}
