export type { Chat, Copilot, CopilotOptions, Texts } from "./autoplay.js";
export type { CopilotState } from "./connection.js";
export { CopilotError } from "./copilot_error.js";
export { CopilotProvider } from "./CopilotProvider.js";
export { createCopilotPlugin } from "./createCopilotPlugin.js";
export { RasaWebchat, type RasaWebchatProps } from "./RasaWebchat.js";
export type { CopilotSettings } from "./settings.js";
export { useCopilot, type UseCopilot } from "./useCopilot.js";
