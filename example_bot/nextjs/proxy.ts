import { type NextRequest, NextResponse } from "next/server";
import { rasaUrl } from "@/lib/rasa";

/** Gives each page its Content-Security-Policy, with a nonce for the scripts that Next.js writes into it. */
export function proxy(request: NextRequest) {
  const policy = policyOf(btoa(crypto.randomUUID()), rasaUrl());
  const headers = new Headers(request.headers);
  headers.set("Content-Security-Policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("Content-Security-Policy", policy);
  return response;
}

export const config = { matcher: ["/projects", "/dashboard"] };

/** rasa-webchat brings its looks in <style> elements, and asks another host for fonts, which this refuses. */
function policyOf(nonce: string, rasa: string): string {
  const isDevelopment = process.env.NODE_ENV === "development";
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}' ${rasa}${isDevelopment ? " 'unsafe-eval'" : ""}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ${rasa} ${rasa.replace(/^http/, "ws")}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}
