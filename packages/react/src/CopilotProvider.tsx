"use client";

import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from "react";
import { type Connection, createConnection } from "./connection.js";
import { createOffers, type Offer } from "./offers.js";
import type { Observable } from "./observable.js";
import { type CopilotSettings, keyOf, userIdOf } from "./settings.js";

export interface CopilotProviderProps extends CopilotSettings {
  children?: ReactNode;
}

interface Provided {
  connection: Connection;
  /** What the page's own toast shows; null if the copilot has its own. */
  offers: Observable<Offer | null> | null;
  /** Who is signed in; empty if nobody is. */
  userId: string;
}

const CopilotContext = createContext<Provided | null>(null);

/**
 * Gives its children the copilot of the signed-in user. Put one around your app.
 *
 * It shows toasts and tours by itself; `useCopilot` and `useOffer` are for what you want to do beyond that. Another
 * `userId` signs the former user out. Unmounting only removes the copilot from the page: when the user signs out, render it
 * with `userId={null}`.
 */
export function CopilotProvider({ children, ...settings }: CopilotProviderProps): ReactNode {
  const userId = userIdOf(settings);
  const [connection] = useState(() => createConnection(userId !== ""));
  const [offers] = useState(createOffers);
  const isOwn = settings.toast === "own";
  const latest = useRef<CopilotSettings>(settings);
  const key = keyOf(settings);

  useEffect(() => {
    latest.current = settings;
  });
  // Runs twice in StrictMode: the second copilot continues where the first one has stopped.
  useEffect(() => {
    connection.start(() => latest.current, isOwn ? { toast: offers.toast } : {});
    return connection.stop;
  }, [connection, offers, isOwn, key]);

  const provided = useMemo(
    () => ({ connection, offers: isOwn ? offers.current : null, userId }),
    [connection, offers, isOwn, userId],
  );
  return <CopilotContext.Provider value={provided}>{children}</CopilotContext.Provider>;
}

/** @throws outside of a {@link CopilotProvider}. */
export function useProvided(hook: string): Provided {
  const provided = useContext(CopilotContext);
  if (provided) return provided;
  throw new Error(`${hook} needs a <CopilotProvider> around it.`);
}
