import "./library-styles";
import { RouterProvider } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import { Provider } from "urql";
import { onSignedOut, onSwitched } from "../api/auth";
import { clientStore, resetClient } from "../api/client";
import { closeSocket } from "../api/socket";
import { useStore } from "../api/store";
import { forgetDrafts } from "../conversations/drafts";
import { forgetThreads, resumeUnsent, setThreadsAside } from "../conversations/thread-controller";
import { forgetUploads } from "../files/uploads";
import { RowSkeletons } from "../ui/states";
import { readInZone } from "../ui/time";
import { router } from "./router";
import { useViewer } from "./scope";

// Only for those whose agency demands what they do not have yet.
const SecondFactorFirst = lazy(() => import("../account/second-factor-first"));

onSignedOut(() => {
  closeSocket();
  forgetThreads();
  forgetUploads();
  forgetDrafts();
  resetClient();
});

onSwitched(() => {
  closeSocket();
  setThreadsAside();
  resetClient();
});

export default function SignedIn() {
  const client = useStore(clientStore);
  const { mustSetUpSecondFactor, timeZone } = useViewer();
  // A new client is a new person, or the same one who is back: what waits of theirs goes out.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the client stands for whoever is signed in
  useEffect(resumeUnsent, [client]);
  // Before anything below draws a time.
  readInZone(timeZone);
  return (
    <Provider value={client}>
      {mustSetUpSecondFactor ? (
        <Suspense fallback={<RowSkeletons />}>
          <SecondFactorFirst />
        </Suspense>
      ) : (
        <RouterProvider router={router} />
      )}
    </Provider>
  );
}
