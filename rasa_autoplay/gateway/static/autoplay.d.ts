/** Types of the ES module that the Rasa server serves as `/webhooks/autoplay/autoplay.mjs`. */

/**
 * Receive offers for a user, show them, and do what the user chooses. If this page had a copilot of another user, that
 * one is signed out.
 *
 * @throws if `userId` is empty.
 */
export function createCopilot(options: CopilotOptions): Copilot;

/** The options. All but `userId` have a default. */
export interface CopilotOptions {
  /** The signed-in user; the same id that you give to your analytics. */
  userId: string;
  /** Proves who the user is. A function is called for every connection and request. */
  token?: string | (() => string | Promise<string>);
  /** URL of the copilot's routes on the Rasa server; by default, the folder this module was loaded from. */
  base?: string;
  /** The language that the user reads, for example "de-CH". Default: that of `<html lang>`, then the browser's languages. */
  language?: string;
  /** "posthog": where the server requires consent, what the user has chosen in posthog-js counts. */
  consent?: "" | "posthog";
  /** "auto", the default, follows the page's `color-scheme`, then the system. Set colours with CSS properties such as `--autoplay-accent`. */
  theme?: "auto" | "light" | "dark";
  /** Distance to the window's edges in px. Default 24. */
  offset?: number;
  /** How long an unanswered toast stays. Default 20. */
  toastSeconds?: number;
  /** How long a pill keeps an unanswered offer within reach. Default 5. */
  pillMinutes?: number;
  /** How long a tour waits for a step's element before the chat opens instead. Default 5. */
  anchorSeconds?: number;
  /** How long "Open chat" waits for the chat widget to connect. Default 5. */
  chatSeconds?: number;
  /** Start each page load with an empty chat. Default true: create the copilot before the chat widget. */
  freshChat?: boolean;
  /** CSS selector of the chat's launcher. The toast is placed above it. Default: that of the `chat`. */
  launcher?: string;
  /** CSS selector of the chat's open window. The toast is placed beside it. Default: that of the `chat`. */
  panel?: string;
  /**
   * The chat widget. Default: rasa-webchat. "window" is the chat window that comes with the copilot; "rasa-widget" is Rasa's own
   * widget, `<rasa-chatbot-widget>`.
   */
  chat?: Chat | "window" | "rasa-widget" | "" | null;
  /** The page's own toast, in place of the copilot's. */
  toast?: OwnToast | null;
  /** Texts that replace those in the user's language; also those of the list of tips and of the chat window. */
  texts?: Partial<Texts> & { [name in `tips${string}` | `chat${string}`]?: string };
}

/**
 * A toast that the page draws itself. The copilot decides what there is to show, and counts what becomes of it: an offer counts
 * as shown when the page's element is visible.
 */
export interface OwnToast {
  /** Show this in place of what was shown. Called again with the same `id` if only the buttons have changed. */
  show(offer: ToastOffer, actions: ToastActions): void;
  /** Show nothing. */
  hide(): void;
}

/** What there is to show. */
export interface ToastOffer {
  id: string;
  /**
   * "offer": a new offer. "pill": nobody has answered it; its button brings it back. "tour": an interrupted tour can go on.
   * "help": the chat is opening, or did not open and `text` explains the steps.
   */
  kind: "offer" | "pill" | "tour" | "help";
  /** The offer's id, and its trigger's; only for the kind "offer". */
  offerId?: string | undefined;
  triggerId?: string | undefined;
  /** Markdown: paragraphs, **bold**, `code`, lists and links. `showText` draws it. Empty for the kind "tour". */
  text: string;
  /** What the user can do now, the most important first. */
  buttons: ToastButton[];
  /** All texts of the copilot, in the user's language. */
  texts: Texts;
}

export interface ToastButton {
  label: string;
  kind: "show_me" | "open_chat" | "reply" | "open" | "continue" | "retry";
  press(): void;
}

/** What the user can do, and what the page says about its toast. Functions of something that is no longer shown do nothing. */
export interface ToastActions {
  /** Say which element is the toast; null when it is gone. Without one, the offer does not count as shown. */
  attach(element: Element | null): void;
  /** Draw `text` in an element. */
  showText(element: Element | null): void;
  /** Press the first button. */
  accept(): void;
  /** Start the tour. Undefined if this page has no element to begin with. */
  showMe?: (() => void) | undefined;
  /** Let the bot explain it in the chat. */
  openChat?: (() => void) | undefined;
  /** Close the toast. */
  dismiss(): void;
  /** "Later". */
  snooze?: (() => void) | undefined;
  /** "Don't show again". */
  never?: (() => void) | undefined;
}

/** What the copilot needs from a chat widget. */
export interface Chat {
  /** Opens the chat window. Returns false if it cannot be opened yet. */
  open(): unknown;
  /** The sender id of this chat window, once it has one. */
  sessionId(): string | null | undefined;
  /** Whether the chat window is open. */
  isOpen(): boolean;
  /** Sends a message as the user, for toasts with `reply_options`. Without it, the bot explains the steps. */
  say?(text: string): unknown;
  /** Hides the widget while a tour runs, and shows it again. Called often. Without it, the chat stays where it is. */
  setVisible?(isVisible: boolean): unknown;
  /** Disconnects the widget and removes it with its conversation, when the user signs out. Without it, both stay. */
  reset?(): unknown;
}

export interface Texts {
  /** The language of these texts, for screen readers. Default: that of the texts' file. */
  language: string;
  /** The direction of these texts; "" is the page's. */
  direction: "ltr" | "rtl" | "";
  suggestion: string;
  hint: string;
  showMe: string;
  openChat: string;
  later: string;
  never: string;
  close: string;
  next: string;
  done: string;
  resume: string;
  opening: string;
  failed: string;
  retry: string;
}

export interface Copilot {
  /** Start a tour of the current offer. Resolves to whether it started. */
  showTour(tourId: string): Promise<boolean>;
  /** Open the list of the user's tips. Resolves to false if it cannot be loaded. */
  openTips(): Promise<boolean>;
  /**
   * Say whether anything about the user may be kept, where the server requires consent. Call it on each page, and whenever
   * the user changes their mind. `false` deletes what was kept. It is sent until the server has answered; the last call
   * counts. Resolves to whether the server has accepted it.
   *
   * When the server knows whether it has consent, `window` gets the event "rasa-autoplay-consent", with
   * `detail: { required, given }`.
   */
  consent(isGiven: boolean): Promise<boolean>;
  /**
   * Call this when the user signs out. Ends the feed, the tour and the toast, also in this user's other tabs. Removes the
   * chat widget with its conversation, and clears what is stored; mount the widget again for the next user. Resolves
   * after the last receipts were sent; those that the server did not confirm are kept for this user.
   */
  signOut(): Promise<void>;
  /** Disconnect, and remove everything from the page. The same user's next copilot continues. */
  destroy(): void;
}
