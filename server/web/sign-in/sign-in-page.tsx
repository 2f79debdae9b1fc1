import type { ProblemCode } from "@orgtokens/sdk";
import { type ReactNode, type SubmitEvent, useState } from "react";
import { Button } from "../parts/button.tsx";
import { Field } from "../parts/field.tsx";
import { Icon } from "../parts/icon.tsx";
import { Notice } from "../parts/notice.tsx";
import { messageAt, ProblemNotice } from "../parts/problem-notice.tsx";
import { useClient } from "../session.tsx";
import { BarePage } from "../shell/bare-page.tsx";
import { useAction } from "../use-action.ts";
import { useLoaded } from "../use-loaded.ts";

/** Signs in by the organization's own provider, or by a link in a mail, and goes on where the reader wanted to be. */
export function SignInPage({ hasEnded }: { readonly hasEnded: boolean }): ReactNode {
  const client = useClient();
  const [mailedTo, setMailedTo] = useState<string>();
  const ways = useLoaded("ways", (signal) => client.getSignInWays({ signal }));
  const returnTo = placeToReturnTo();
  if (mailedTo !== undefined) return <MailedPage email={mailedTo} onBack={() => setMailedTo(undefined)} />;
  const { oidc = null, emailLink = false } = ways.value ?? {};
  return (
    <BarePage title="Sign in">
      <SignInProblem code={new URLSearchParams(location.search).get("problem")} />
      {hasEnded ? (
        <Notice tone="info">
          <p>Your session has ended. Sign in again to go on where you were.</p>
        </Notice>
      ) : (
        <p className="muted">Manage your organization's API tokens.</p>
      )}
      {ways.state === "loading" ? <span className="skeleton skeleton-button" /> : null}
      {ways.state === "failed" ? <ProblemNotice error={ways.error} onRetry={ways.reload} /> : null}
      {oidc === null ? null : (
        <a className="button button-primary" href={`/sign-in/oidc?returnTo=${encodeURIComponent(returnTo)}`}>
          Continue with {oidc.name}
        </a>
      )}
      {oidc === null || !emailLink ? null : <p className="divider">or</p>}
      {emailLink ? <EmailForm isSecond={oidc !== null} returnTo={returnTo} onMailed={setMailedTo} /> : null}
      {ways.state === "ready" && oidc === null && !emailLink ? <NoWay /> : null}
    </BarePage>
  );
}

/** Why signing in elsewhere did not work, as the server tells it by a code in the address. */
function SignInProblem({ code }: { readonly code: string | null }): ReactNode {
  const client = useClient();
  const problem = useLoaded(code ?? "", async (signal) =>
    code === null ? undefined : client.getProblem(parseProblemCode(code), { signal }),
  );
  if (code === null || problem.state === "loading") return null;
  return (
    <div role="alert">
      <Notice tone="warning">
        <p>
          <strong>{problem.value?.title ?? "You could not be signed in"}.</strong> Try again, or another way.
        </p>
      </Notice>
    </div>
  );
}

/** Whether it is one is for the server to say. */
function parseProblemCode(text: string): ProblemCode {
  return text as ProblemCode;
}

type EmailFormProps = {
  readonly isSecond: boolean;
  readonly returnTo: string;
  readonly onMailed: (email: string) => void;
};

function EmailForm({ isSecond, returnTo, onMailed }: EmailFormProps): ReactNode {
  const client = useClient();
  const action = useAction();
  const [email, setEmail] = useState("");
  const [isMissing, setMissing] = useState(false);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    setMissing(email.trim() === "");
    if (email.trim() === "") return;
    action.run(async () => {
      await client.requestSignInLink({ email: email.trim(), returnTo });
      onMailed(email.trim());
    });
  };
  const error = isMissing ? "Type your e-mail address." : messageAt(action.error, "/body/email");
  return (
    <form onSubmit={submit} noValidate>
      <Field label="E-mail address" error={error}>
        {(control) => (
          <input
            {...control}
            type="email"
            autoComplete="email"
            required
            value={email}
            onChange={({ target }) => setEmail(target.value)}
          />
        )}
      </Field>
      {action.state === "failed" && error === undefined ? <ProblemNotice error={action.error} /> : null}
      <Button look={isSecond ? "secondary" : "primary"} type="submit" isBusy={action.state === "busy"}>
        E-mail me a sign-in link
      </Button>
    </form>
  );
}

function MailedPage({ email, onBack }: { readonly email: string; readonly onBack: () => void }): ReactNode {
  return (
    <BarePage title="Check your mail">
      <p role="status">
        If <strong>{email}</strong> belongs to a member, a sign-in link is on its way. It works once, for 15 minutes.
      </p>
      <Button onClick={onBack}>Use another address</Button>
    </BarePage>
  );
}

function NoWay(): ReactNode {
  return (
    <p className="muted with-icon">
      <Icon name="info" />
      This server has no way to sign in yet. Open the one-time link it printed when it started, or ask whoever runs it.
    </p>
  );
}

/** The page that was asked for; never an address of another server. */
function placeToReturnTo(): string {
  const { pathname, search } = location;
  if (pathname.startsWith("/organization/")) return `${pathname}${search}`.slice(0, 500);
  const given = new URLSearchParams(search).get("returnTo") ?? "";
  return /^\/organization\/[\w./?=&%-]{1,400}$/.test(given) ? given : "/organization/api-tokens";
}
