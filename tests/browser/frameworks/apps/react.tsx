// A page that tests drive: `show(settings)` renders a provider with these settings, and `unmount()` removes it.
import { CopilotProvider, RasaWebchat, useCopilot } from "rasa-autoplay-react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

const root = createRoot(document.querySelector("#app")!);
const page = window as any;

function Status() {
  const state = useCopilot();
  page.copilot = state.copilot;
  return (
    <output id="status" data-status={state.status} data-reason={state.error?.reason}>
      {state.error?.message}
      {state.error && <button onClick={state.retry}>Try again</button>}
    </output>
  );
}

page.show = ({ webchat, ...settings }: any) =>
  root.render(
    <StrictMode>
      <CopilotProvider base={`${location.origin}/webhooks/autoplay`} {...settings}>
        <Status />
        {webchat && <RasaWebchat id="webchat" socketUrl={location.origin} {...webchat} />}
      </CopilotProvider>
    </StrictMode>,
  );
page.unmount = () => root.render(<StrictMode />);
