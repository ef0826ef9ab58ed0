"use client";

import { type ReactNode, useEffect, useRef } from "react";
import { useProvided } from "./CopilotProvider.js";
import { type RasaWebchatSettings, removeRasaWebchat, showRasaWebchat } from "./rasa_webchat.js";
import { useCopilot } from "./useCopilot.js";

export interface RasaWebchatProps extends RasaWebchatSettings {
  /** The element's label for screen readers. Default "Chat". */
  label?: string | undefined;
  /** The element's id, for your CSS. */
  id?: string | undefined;
  className?: string | undefined;
}

/** rasa-webchat for the signed-in user. It starts after the copilot, which begins a fresh chat. */
export function RasaWebchat({ label = "Chat", id, className, ...settings }: RasaWebchatProps): ReactNode {
  const place = useRef<HTMLElement>(null);
  const latest = useRef<RasaWebchatSettings>(settings);
  const { userId } = useProvided("<RasaWebchat>");
  const { copilot } = useCopilot();

  useEffect(() => {
    latest.current = settings;
  });
  // The copilot removes the widget when its user signs out.
  useEffect(() => {
    if (!copilot || !place.current) return;
    const visit = new AbortController();
    void showRasaWebchat(place.current, latest.current, userId, visit.signal);
    return () => visit.abort();
  }, [copilot, userId]);
  useEffect(() => {
    const element = place.current;
    return () => {
      if (element) removeRasaWebchat(element);
    };
  }, []);

  return <aside id={id} className={className} aria-label={label} ref={place} />;
}
