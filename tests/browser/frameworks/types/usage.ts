// What a team writes that has the module's types; and, marked, what they keep it from.
import { type Chat, type Copilot, createCopilot } from "./autoplay";

const chat: Chat = { open: () => undefined, sessionId: () => null, isOpen: () => false, reset: () => undefined };

const copilot: Copilot = createCopilot({
  userId: "u1",
  token: async () => "t",
  base: "https://rasa.example.com/webhooks/autoplay",
  theme: "dark",
  offset: 16,
  toastSeconds: 30,
  pillMinutes: 1,
  anchorSeconds: 2,
  chatSeconds: 2,
  freshChat: false,
  launcher: ".launcher",
  panel: ".panel",
  chat,
  texts: { showMe: "Zeig es mir" },
});

export const started: Promise<boolean> = copilot.showTour("projects-bulk-edit");
export const signedOut: Promise<void> = copilot.signOut();
copilot.destroy();
createCopilot({ userId: "u1", token: "t", chat: null });

createCopilot({ userId: "u1", toast: { show: (offer, actions) => actions.attach(document.querySelector(`#${offer.id}`)), hide() {} } });

// @ts-expect-error nobody is nobody
createCopilot({});
// @ts-expect-error no such option
createCopilot({ userId: "u1", toastSecond: 3 });
// @ts-expect-error seconds are a number
createCopilot({ userId: "u1", toastSeconds: "3" });
// @ts-expect-error no such theme
createCopilot({ userId: "u1", theme: "pink" });
// @ts-expect-error no such text
createCopilot({ userId: "u1", texts: { showUs: "Zeig es uns" } });
// @ts-expect-error a chat can also be opened
createCopilot({ userId: "u1", chat: { isOpen: () => true, sessionId: () => "s" } });
// @ts-expect-error what was shown is hidden again
createCopilot({ userId: "u1", toast: { show() {} } });
