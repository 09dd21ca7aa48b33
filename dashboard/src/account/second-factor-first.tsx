import { Button } from "@mantine/core";
import { reloadViewer, signOut } from "../api/auth";
import { brand } from "../brand/brand";
import { useViewer } from "../shell/scope";
import { SignedOutLayout } from "../signed-out/layout";
import { useTitle } from "../ui/hooks";
import css from "./account.module.css";
import { SecondFactorSetup } from "./second-factor-setup";

/** The agency demands a second factor and there is none: nothing else opens until it is there. */
export default function SecondFactorFirst() {
  const { agency, user } = useViewer();
  useTitle(`Second factor · ${brand.name}`);
  return (
    <SignedOutLayout title="Set up a second factor first">
      <p className={css.dim}>
        {agency.name} demands a code from your phone beside the password. It takes two minutes; then
        everything opens.
      </p>
      <SecondFactorSetup onDone={() => void reloadViewer()} />
      <p className={css.dim}>
        You are signed in as {user.email ?? user.name}.{" "}
        <Button variant="subtle" color="gray" size="compact-xs" onClick={() => void signOut()}>
          Sign out
        </Button>
      </p>
    </SignedOutLayout>
  );
}
