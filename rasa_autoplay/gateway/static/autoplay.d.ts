/** Types of rasa_autoplay's ES module, `<your Rasa server>/webhooks/autoplay/autoplay.mjs`. */

/**
 * Listen for offers to a user, show them, and bring what the user chooses.
 *
 * @throws without a `userId`.
 */
export function createCopilot(options: CopilotOptions): Copilot;

/** Every option; all but `userId` have a default. */
export interface CopilotOptions {
  /** Who is signed in; the same id that analytics identifies. */
  userId: string;
  /** Proves who that is; a function is asked anew for every connection and request. */
  token?: string | (() => string | Promise<string>);
  /** Where the Rasa server serves our routes; by default where the module comes from. */
  base?: string;
  /** "auto", the default, follows the system. Colours are set by CSS, as `--autoplay-accent` and so on. */
  theme?: "auto" | "light" | "dark";
  /** Distance to the window's edges, px. Default 24. */
  offset?: number;
  /** How long an unanswered toast stays. Default 20. */
  toastSeconds?: number;
  /** How long a toast that timed out stays reachable. Default 5. */
  pillMinutes?: number;
  /** How long a tour waits for a step's element before the chat takes over. Default 5. */
  anchorSeconds?: number;
  /** How long "Open chat" waits for the chat's session. Default 5. */
  chatSeconds?: number;
  /** Begin each page load with an empty chat. Default true; create the copilot before the chat widget then. */
  freshChat?: boolean;
  /** CSS selector of the chat's launcher, which the toast stays above. Default: rasa-webchat's. */
  launcher?: string;
  /** CSS selector of the chat's open window, which the toast stays beside. Default: rasa-webchat's. */
  panel?: string;
  /** The chat widget; rasa-webchat where none is given. */
  chat?: Chat | null;
  /** driver.js' `driver` function; `window.driver.js.driver` by default. */
  driver?: ((config: never) => object) | null;
  /** What is said to the user, where it is to be said in other words. */
  texts?: Partial<Texts>;
}

/** A chat widget, as far as the copilot needs it. */
export interface Chat {
  /** Shows the closed chat window; false where that is not possible yet. */
  open(): unknown;
  /** The sender id that the bot knows this window by; nothing where there is none yet. */
  sessionId(): string | null | undefined;
  /** Whether the window is shown. */
  isOpen(): boolean;
  /** Says something for the user, for toasts with `reply_options`; without it, the bot explains as after "Open chat". */
  say?(text: string): unknown;
}

export interface Texts {
  suggestion: string;
  hint: string;
  showMe: string;
  openChat: string;
  later: string;
  never: string;
  close: string;
  next: string;
  failed: string;
  retry: string;
}

export interface Copilot {
  /** Start a tour of the current offer; resolves to whether it could. */
  showTour(tourId: string): Promise<boolean>;
  /** Stop listening, and take away what is shown. */
  destroy(): void;
}
