const ASK_AGAIN_MS = 4000;

/** Ask the recorder's routes. Resolves to `{status, data}`; the status is 0 without a response. */
export async function askRecorder(base, path, body, key) {
  try {
    const headers = { "Content-Type": "application/json", ...(key && { Authorization: `Bearer ${key}` }) };
    const options = { method: "POST", headers, body: JSON.stringify(body), credentials: "omit", referrerPolicy: "no-referrer" };
    const response = await fetch(`${base}/recorder/${path}`, options);
    return { status: response.status, data: (await response.json().catch(() => null)) || {} };
  } catch {
    return { status: 0, data: {} };
  }
}

/** What an answer means for the user; empty if all is well. */
export function problemOfAnswer({ status, data }, hasDraft) {
  if (status === 200) return "";
  if (status === 401 || status === 403) {
    const advice = "Make a new link in the studio, or with “rasa-autoplay record --live”, and open it in this tab.";
    const reason = status === 401 ? "This link has expired, or it was used before." : data.error || "This site may not use the copilot.";
    return `${reason} ${status === 401 ? advice : data.remedy || ""} ${hasDraft ? "Your draft stays here, and you can still download it." : ""}`;
  }
  if (!status || status >= 500) return "The Rasa server can’t be reached. Your draft is safe in this tab. Trying again …";
  if (status === 429) return "That was fast. The server needs a moment …";
  return [data.error, data.remedy].filter(Boolean).join(" ");
}

/** Whether the same request may succeed later. */
export const mayRetry = ({ status }) => !status || status >= 500 || status === 429;

export const retryPause = () => new Promise((done) => setTimeout(done, ASK_AGAIN_MS));
