// What a team writes with the package for Vue; and, marked, what its types keep them from.
import { type Chat, CopilotError, CopilotProvider, createCopilotPlugin, RasaWebchat, useCopilot, useOffer } from "rasa-autoplay-vue";
import { createApp, h, reactive, ref } from "vue";

const base = "https://rasa.example.com/webhooks/autoplay";
const chat: Chat = { open: () => undefined, sessionId: () => null, isOpen: () => false };
const session = reactive({ userId: null as string | null });
const app = createApp({});

app.use(createCopilotPlugin({ base, userId: 42, token: async () => "t", theme: "dark", chat, nonce: "n" }));
app.use(createCopilotPlugin(ref({ base, userId: "u1" })));
app.use(createCopilotPlugin(() => ({ base, userId: session.userId, texts: { showMe: "Zeig es mir" } })));

export const provider = h(CopilotProvider, { base, userId: session.userId });
export const widget = h(RasaWebchat, { src: "/vendor/rasa-webchat.js", socketUrl: "https://rasa.example.com" });

export function help(): string {
  const { status, copilot, error, retry } = useCopilot();
  void copilot.value?.showTour("projects-bulk-edit");
  retry();
  // @ts-expect-error there may be none
  copilot.value.signOut();
  return status.value === "failed" && error.value instanceof CopilotError ? error.value.reason : "";
}

export function toast(): string {
  const offer = useOffer();
  // @ts-expect-error there may be none
  offer.value.dismiss();
  offer.value?.showMe?.();
  return offer.value?.buttons[0]?.label ?? "";
}

createCopilotPlugin({ base, userId: "u1", toast: "own", language: "de-CH", chat: "window", consent: "posthog" });
createCopilotPlugin({ base, userId: "u1", chat: "rasa-widget" });
// @ts-expect-error no such chat
createCopilotPlugin({ base, userId: "u1", chat: "rasa-webchat" });
// @ts-expect-error whose copilot?
createCopilotPlugin({ base });
// @ts-expect-error no such theme
createCopilotPlugin({ base, userId: "u1", theme: "pink" });
// @ts-expect-error no such text
createCopilotPlugin({ base, userId: "u1", texts: { showUs: "Zeig es uns" } });
// @ts-expect-error from which server?
h(CopilotProvider, { userId: "u1" });
// @ts-expect-error where is its script?
h(RasaWebchat, { socketUrl: "https://rasa.example.com" });
