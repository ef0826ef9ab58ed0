import type { Chat, CopilotOptions } from "./autoplay.js";

/** Whose copilot the page has, from which server, and how it looks. */
export interface CopilotSettings extends Omit<CopilotOptions, "base" | "toast" | "userId"> {
  /** URL of the copilot's routes on the Rasa server: `https://rasa.example.com/webhooks/autoplay`. */
  base: string;
  /** The signed-in user; the same id that you give to your analytics. While nobody is signed in: null, undefined or "". */
  userId: string | number | null | undefined;
  /** The nonce of the page's Content-Security-Policy, for the script element. */
  nonce?: string | undefined;
  /** "own": the page shows offers itself, with `useOffer`. Default: the copilot's toast. */
  toast?: "own" | undefined;
}

/** The user's id as a text; empty if nobody is signed in. */
export const userIdOf = ({ userId }: CopilotSettings): string => String(userId ?? "");

/**
 * What a new copilot is needed for: texts that are equal for settings that are. Functions are called when they are
 * needed, so another function needs no new copilot.
 */
export const keyOf = ({ token, chat, ...settings }: CopilotSettings): string =>
  JSON.stringify([settings, typeof chat === "object" ? Boolean(chat) : chat]);

/**
 * The options for `createCopilot`.
 *
 * @param latest - returns the settings of now: a token is asked for again and again, and a chat adapter may be replaced.
 */
export function optionsOf(latest: () => CopilotSettings): CopilotOptions {
  const { nonce, toast, token, chat, ...settings } = latest();
  // A setting that is undefined has its default.
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  const currentToken = () => {
    const { token: current } = latest();
    return typeof current === "function" ? current() : (current ?? "");
  };
  return {
    ...given,
    userId: userIdOf(latest()),
    ...(token !== undefined && { token: currentToken }),
    ...(chat != null && { chat: typeof chat === "object" ? current(chat, () => latest().chat as Chat) : chat }),
  };
}

/** An adapter that calls the functions of another one, whichever that is at the time. */
const current = (chat: Chat, latest: () => Chat): Chat =>
  new Proxy(chat, {
    get(_chat, name) {
      const adapter = latest() ?? chat;
      const member: unknown = Reflect.get(adapter, name);
      return typeof member === "function" ? member.bind(adapter) : member;
    },
  });

/** The names of all settings, for frameworks that need a list. */
export const SETTINGS = [
  "base",
  "userId",
  "nonce",
  "toast",
  "token",
  "language",
  "consent",
  "theme",
  "offset",
  "toastSeconds",
  "pillMinutes",
  "anchorSeconds",
  "chatSeconds",
  "freshChat",
  "launcher",
  "panel",
  "chat",
  "texts",
] as const satisfies readonly (keyof CopilotSettings)[];
