import "./library-styles";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect } from "react";
import { Provider } from "urql";
import { onSignedOut } from "../api/auth";
import { clientStore, resetClient } from "../api/client";
import { closeSocket } from "../api/socket";
import { useStore } from "../api/store";
import { forgetDrafts } from "../conversations/drafts";
import { forgetThreads, resumeUnsent } from "../conversations/thread-controller";
import { router } from "./router";

onSignedOut(() => {
  closeSocket();
  forgetThreads();
  forgetDrafts();
  resetClient();
});

export default function SignedIn() {
  const client = useStore(clientStore);
  useEffect(resumeUnsent, []);
  return (
    <Provider value={client}>
      <RouterProvider router={router} />
    </Provider>
  );
}
