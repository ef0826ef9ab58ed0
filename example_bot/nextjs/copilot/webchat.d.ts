interface Window {
  /** rasa-webchat, once its script has come. */
  WebChat: { default(options: object, place: HTMLElement | null): void };
}
