import { type ReactNode, useState } from "react";
import { OneTimeSecret } from "../one-time-secret.ts";
import { Button } from "../parts/button.tsx";
import { ProblemNotice } from "../parts/problem-notice.tsx";
import { navigate } from "../router.ts";
import { useSession } from "../session.tsx";
import { BarePage } from "../shell/bare-page.tsx";
import { useAction } from "../use-action.ts";

/**
 * Where a mailed link leads. Its secret is in the fragment, which no server and no log sees, and counts only when the button is
 * pressed: programs that open links in mails do not use it up.
 */
export function LinkPage(): ReactNode {
  const { client, enter } = useSession();
  const action = useAction();
  const [link] = useState(takeFragment);
  const [isUsed, setUsed] = useState(link.reveal() === "");
  const signIn = () =>
    action.run(async () => {
      const { returnTo, ...session } = await client.createSession({ linkToken: link.reveal() });
      link.forget();
      setUsed(true);
      enter(session);
      navigate(returnTo, "replace");
    });
  if (isUsed) {
    return (
      <BarePage title="This link cannot be used">
        <p>It is incomplete, or was opened before. A new one can be asked for in a moment.</p>
        <a className="button button-primary" href="/sign-in">
          Get a new link
        </a>
      </BarePage>
    );
  }
  return (
    <BarePage title="Sign in">
      <p className="muted">You opened a sign-in link. It works once.</p>
      {action.state === "failed" ? (
        <>
          <ProblemNotice error={action.error} />
          <a className="button button-secondary" href="/sign-in">
            Get a new link
          </a>
        </>
      ) : null}
      <Button look="primary" isBusy={action.state === "busy"} onClick={signIn}>
        Sign in
      </Button>
    </BarePage>
  );
}

/** Takes the secret out of the address bar and out of the history. */
function takeFragment(): OneTimeSecret {
  const secret = new OneTimeSecret(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
  return secret;
}
