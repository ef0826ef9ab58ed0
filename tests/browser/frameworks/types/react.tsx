// What a team writes with the package for React; and, marked, what its types keep them from.
import { type Chat, CopilotError, CopilotProvider, type CopilotSettings, RasaWebchat, useCopilot, useOffer } from "rasa-autoplay-react";
import type { ReactNode } from "react";

const base = "https://rasa.example.com/webhooks/autoplay";
const chat: Chat = { open: () => undefined, sessionId: () => null, isOpen: () => false };
const settings: CopilotSettings = { base, userId: 42, token: async () => "t", theme: "dark", chat, nonce: "n" };

export function App({ user, children }: { user?: { id: string }; children: ReactNode }): ReactNode {
  return (
    <CopilotProvider base={base} userId={user?.id} texts={{ showMe: "Zeig es mir" }}>
      {children}
      <RasaWebchat src="/vendor/rasa-webchat.js" socketUrl="https://rasa.example.com" options={{ docViewer: false }} />
    </CopilotProvider>
  );
}

export function Help(): ReactNode {
  const { status, copilot, error, retry } = useCopilot();
  if (status === "ready") return <button onClick={() => copilot.showTour("projects-bulk-edit")}>Show me</button>;
  if (status === "failed") return <button onClick={retry}>{error.reason === "blocked" ? error.message : error.name}</button>;
  // @ts-expect-error there is no copilot yet
  copilot.signOut();
  return null;
}

export function Toast(): ReactNode {
  const offer = useOffer();
  // @ts-expect-error there may be none
  offer.dismiss();
  if (!offer) return null;
  // @ts-expect-error a page may have no element to begin a tour with
  offer.showMe();
  return (
    <div ref={offer.ref}>
      <div ref={offer.textRef} />
      <button onClick={offer.accept}>{offer.buttons[0]?.label}</button>
      {offer.openChat && <button onClick={offer.openChat}>{offer.texts.openChat}</button>}
    </div>
  );
}

export const isOurs = (problem: unknown) => problem instanceof CopilotError && problem.reason === "slow";
export const all = <CopilotProvider {...settings} />;
export const nobody = <CopilotProvider base={base} userId={null} />;

// @ts-expect-error whose copilot?
export const noUser = <CopilotProvider base={base} />;
// @ts-expect-error from which server?
export const noServer = <CopilotProvider userId="u1" />;
export const own = <CopilotProvider base={base} userId="u1" toast="own" language="de-CH" chat="window" consent="posthog" />;
// @ts-expect-error the hook gives offers to the page
export const notOwn = <CopilotProvider base={base} userId="u1" toast={{ show() {}, hide() {} }} />;
// @ts-expect-error no such theme
export const pink = <CopilotProvider base={base} userId="u1" theme="pink" />;
// @ts-expect-error no such setting
export const misspelt = <CopilotProvider base={base} userId="u1" toastSecond={3} />;
// @ts-expect-error no such text
export const noText = <CopilotProvider base={base} userId="u1" texts={{ showUs: "Zeig es uns" }} />;
// @ts-expect-error where is its script?
export const noScript = <RasaWebchat socketUrl="https://rasa.example.com" />;
