import "@fontsource-variable/figtree";
import "@/styles/theme.css";
import "@/styles/app.css";
import "@/styles/projects.css";
import "@/styles/dashboard.css";
import "@/styles/help.css";

import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import { Frame } from "@/components/Frame";
import { ChatWidget } from "@/copilot/ChatWidget";
import { CopilotProvider } from "@/copilot/CopilotProvider";
import { Toast } from "@/copilot/Toast";
import { rasaUrl } from "@/lib/rasa";
import { currentUser } from "@/lib/session";

export const metadata: Metadata = { title: { template: "%s · Fernway", default: "Fernway" } };
export const viewport: Viewport = { colorScheme: "light dark" };

export default async function RootLayout({ children }: { children: ReactNode }) {
  const user = await currentUser();
  return (
    <html lang="en">
      <body>
        <Frame user={user}>{children}</Frame>
        <CopilotProvider rasaUrl={rasaUrl()} user={user}>
          <Toast />
          <ChatWidget />
        </CopilotProvider>
      </body>
    </html>
  );
}
