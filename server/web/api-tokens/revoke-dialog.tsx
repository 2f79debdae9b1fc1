import type { ApiToken } from "@orgtokens/sdk";
import { type ReactNode, type SubmitEvent, useRef, useState } from "react";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { Notice } from "../parts/notice.tsx";
import { ProblemNotice } from "../parts/problem-notice.tsx";
import { RelativeTime } from "../parts/relative-time.tsx";
import { useClient } from "../session.tsx";
import { useAction } from "../use-action.ts";
import { SecretPlace } from "./secret-place.tsx";

type RevokeDialogProps = { readonly token: ApiToken; readonly onClose: () => void; readonly onDone: () => void };

/** Shows what a revocation breaks, wants the label typed, and revokes. */
export function RevokeDialog({ token, onClose, onDone }: RevokeDialogProps): ReactNode {
  const client = useClient();
  const action = useAction();
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState("");
  const [isWrong, setWrong] = useState(false);
  const revoke = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    setWrong(typed !== token.label);
    if (typed !== token.label) return input.current?.focus();
    action.run(async () => {
      await client.revokeApiToken(token.id, { confirmLabel: typed });
      onDone();
    });
  };
  return (
    <Dialog title="Revoke API token" onClose={onClose}>
      <form className="dialog-form" onSubmit={revoke} noValidate>
        <div className="dialog-body">
          <p>
            Whatever uses <strong>{token.label}</strong> is refused from its next request on. This cannot be undone.
          </p>
          <WhatBreaks token={token} />
          <ManagedByWarning token={token} />
          <Field
            label={
              <>
                Type <strong className="typed-label">{token.label}</strong> to confirm
              </>
            }
            error={isWrong ? "This is not the label. Type it exactly as it is shown." : undefined}
          >
            {(control) => (
              <input
                {...control}
                ref={input}
                autoComplete="off"
                spellCheck={false}
                value={typed}
                onChange={({ target }) => setTyped(target.value)}
              />
            )}
          </Field>
          {action.state === "failed" ? <ProblemNotice error={action.error} /> : null}
        </div>
        <footer className="dialog-footer">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="danger" type="submit" isBusy={action.state === "busy"}>
            Revoke token
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}

function WhatBreaks({ token }: { readonly token: ApiToken }): ReactNode {
  return (
    <dl className="facts facts-compact">
      <dt>Last used</dt>
      <dd>
        <RelativeTime at={token.lastUsed} never="Never: nothing is known to use it" />
        {token.lastUsedIp === null ? null : (
          <>
            {" from "}
            <code>{token.lastUsedIp}</code>
          </>
        )}
      </dd>
      <dt>Secret kept in</dt>
      <dd>
        <SecretPlace destination={token.destination} />
      </dd>
      <dt>Created by</dt>
      <dd>{token.createdBy}</dd>
    </dl>
  );
}

/** Automation that owns a token notices that it is gone, and makes another one. */
export function ManagedByWarning({ token }: { readonly token: ApiToken }): ReactNode {
  if (token.managedBy === null) return null;
  return (
    <Notice tone="warning">
      <p>
        <strong>Managed by {token.managedBy}.</strong> This token is declared in code, as with Terraform. Change it
        there: the next apply undoes what is done here.
      </p>
    </Notice>
  );
}
