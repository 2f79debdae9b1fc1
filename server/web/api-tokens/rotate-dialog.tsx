import type { ApiToken } from "@orgtokens/sdk";
import { type ReactNode, type SubmitEvent, useState } from "react";
import { OneTimeSecret } from "../one-time-secret.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { ProblemNotice } from "../parts/problem-notice.tsx";
import { useClient } from "../session.tsx";
import { type Action, useAction } from "../use-action.ts";
import { ManagedByWarning } from "./revoke-dialog.tsx";
import { SecretPanel } from "./secret-panel.tsx";
import { SecretPlace } from "./secret-place.tsx";

const gracePeriods: readonly (readonly [number, string])[] = [
  [0, "Not at all: it stops now"],
  [3600, "1 hour"],
  [86_400, "1 day"],
  [604_800, "7 days"],
  [2_592_000, "30 days"],
];

type RotateDialogProps = { readonly token: ApiToken; readonly onClose: () => void; readonly onDone: () => void };

/** Issues a new secret, which works at once, and shows it once. The old one works on for a while. */
export function RotateDialog({ token, onClose, onDone }: RotateDialogProps): ReactNode {
  const client = useClient();
  const action = useAction();
  const [secret, setSecret] = useState<OneTimeSecret>();
  const rotate = (gracePeriodSeconds: number) =>
    action.run(async () => {
      const rotated = await client.rotateApiToken(token.id, { activation: "immediate", gracePeriodSeconds });
      setSecret(new OneTimeSecret(rotated.token));
    });
  if (secret === undefined) {
    return (
      <Dialog key="form" title="Rotate API token" onClose={onClose}>
        <RotateForm token={token} action={action} onSubmit={rotate} onCancel={onClose} />
      </Dialog>
    );
  }
  return (
    <Dialog key="secret" title="Store the new secret" closing="held" onClose={onClose}>
      <SecretPanel label={token.label} secret={secret} onStored={onDone}>
        This is the only time the new secret of <strong>{token.label}</strong> is shown. It works from now on.
      </SecretPanel>
    </Dialog>
  );
}

type RotateFormProps = {
  readonly token: ApiToken;
  readonly action: Action;
  readonly onSubmit: (gracePeriodSeconds: number) => void;
  readonly onCancel: () => void;
};

function RotateForm({ token, action, onSubmit, onCancel }: RotateFormProps): ReactNode {
  const [gracePeriod, setGracePeriod] = useState(86_400);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSubmit(gracePeriod);
  };
  return (
    <form className="dialog-form" onSubmit={submit}>
      <div className="dialog-body">
        <p>
          <strong>{token.label}</strong> keeps its id, label and role, and gets a new secret. Put it wherever the old
          one is used before that stops working.
        </p>
        {token.destination === null ? null : (
          <dl className="facts facts-compact">
            <dt>Secret kept in</dt>
            <dd>
              <SecretPlace destination={token.destination} />
            </dd>
          </dl>
        )}
        <ManagedByWarning token={token} />
        <Field
          label="The old secret keeps working for"
          hint="Long enough to replace it everywhere; not at all after a leak."
        >
          {(control) => (
            <select {...control} value={gracePeriod} onChange={({ target }) => setGracePeriod(Number(target.value))}>
              {gracePeriods.map(([seconds, name]) => (
                <option key={seconds} value={seconds}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
        {action.state === "failed" ? <ProblemNotice error={action.error} /> : null}
      </div>
      <footer className="dialog-footer">
        <Button onClick={onCancel}>Cancel</Button>
        <Button look="primary" type="submit" isBusy={action.state === "busy"}>
          Rotate token
        </Button>
      </footer>
    </form>
  );
}
