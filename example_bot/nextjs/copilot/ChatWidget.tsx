"use client";

import { useEffect, useRef } from "react";
import { useCopilot } from "./CopilotProvider";

/** rasa-webchat. Stands after <Toast>, which begins a fresh chat before the widget looks for the former one. */
export function ChatWidget() {
  const place = useRef<HTMLElement>(null);
  const copilot = useCopilot();

  useEffect(() => {
    if (!copilot || place.current?.hasChildNodes()) return;
    const script = document.createElement("script");
    script.src = "/vendor/rasa-webchat.js";
    script.onload = () =>
      script.isConnected &&
      window.WebChat.default(
        {
          socketUrl: copilot.rasaUrl,
          socketPath: "/socket.io",
          customData: { userId: copilot.userId },
          params: { storage: "session" },
          title: "Projects help",
          subtitle: "Ask about priorities and bulk changes",
          inputTextFieldHint: "Ask a question …",
          customMessageDelay: () => 0,
        },
        place.current,
      );
    document.head.append(script);
    return () => script.remove();
  }, [copilot]);

  return <aside id="webchat" aria-label="Chat" ref={place} />;
}
