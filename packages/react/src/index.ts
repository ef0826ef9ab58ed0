"use client";

export type { Chat, Copilot, CopilotOptions, Texts, ToastButton } from "./autoplay.js";
export type { CopilotState } from "./connection.js";
export { CopilotError } from "./copilot_error.js";
export { CopilotProvider, type CopilotProviderProps } from "./CopilotProvider.js";
export type { Offer } from "./offers.js";
export { RasaWebchat, type RasaWebchatProps } from "./RasaWebchat.js";
export type { CopilotSettings } from "./settings.js";
export { useCopilot, type UseCopilot } from "./useCopilot.js";
export { useOffer } from "./useOffer.js";
