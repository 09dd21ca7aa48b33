import { lazy, Suspense } from "react";
import { auth, start } from "../api/auth";
import { ApiError } from "../api/errors";
import { useStore } from "../api/store";
import { brand } from "../brand/brand";
import { publicPage } from "../signed-out/public-page";
import { SignIn } from "../signed-out/sign-in";
import { Failed } from "../ui/states";
import { Toasts } from "../ui/toast";

// Asked for beside the session, not after it: whoever comes is signed in already, or is about to be.
const loading = import("./signed-in");
const SignedIn = lazy(() => loading);
const PublicPages = lazy(() => import("../signed-out/pages"));

function Boot() {
  return (
    <div className="boot" aria-busy="true">
      {brand.name}
    </div>
  );
}

export function App() {
  const state = useStore(auth);
  const page = useStore(publicPage);
  if (page) {
    // What a mail opens stands on its own, whoever is signed in beside it.
    return (
      <Suspense fallback={<Boot />}>
        <PublicPages page={page} />
        <Toasts />
      </Suspense>
    );
  }
  return (
    <>
      {state.status === "starting" ? <Boot /> : null}
      {state.status === "unreachable" ? (
        <main>
          <Failed error={new ApiError("", "NETWORK")} retry={() => void start()} />
        </main>
      ) : null}
      {state.status === "signedOut" ? <SignIn notice={state.notice} /> : null}
      {state.status === "signedIn" ? (
        <Suspense fallback={<Boot />}>
          <SignedIn />
        </Suspense>
      ) : null}
      <Toasts />
    </>
  );
}
