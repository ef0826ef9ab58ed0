import "@fontsource-variable/figtree";
import "@/styles/theme.css";
import "@/styles/app.css";
import "@/styles/projects.css";
import "@/styles/dashboard.css";
import "@/styles/help.css";

import type { Metadata, Viewport } from "next";
import { CopilotProvider, RasaWebchat } from "rasa-autoplay-react";
import type { ReactNode } from "react";
import { Analytics } from "@/components/Analytics";
import { Frame } from "@/components/Frame";
import { rasaUrl } from "@/lib/rasa";
import { currentUser } from "@/lib/session";

export const metadata: Metadata = { title: { template: "%s · Fernway", default: "Fernway" } };
export const viewport: Viewport = { colorScheme: "light dark" };

export default async function RootLayout({ children }: { children: ReactNode }) {
  const user = await currentUser();
  const base = `${rasaUrl()}/webhooks/autoplay`;
  return (
    <html lang="en">
      <body>
        <CopilotProvider base={base} userId={user.id}>
          <Frame user={user}>{children}</Frame>
          <Analytics base={base} id={user.id} email={user.email} />
          <RasaWebchat
            id="webchat"
            src="/vendor/rasa-webchat.js"
            socketUrl={rasaUrl()}
            title="Projects help"
            subtitle="Ask about priorities and bulk changes"
            inputTextFieldHint="Ask a question …"
          />
        </CopilotProvider>
      </body>
    </html>
  );
}
