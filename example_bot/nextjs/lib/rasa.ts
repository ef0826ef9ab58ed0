/** Where the Rasa server is. Read when this server runs, so that one build serves every environment. */
export const rasaUrl = () => process.env.RASA_URL ?? "http://127.0.0.1:5005";
