import { ApiError, type ApiToken } from "@orgtokens/sdk";
import { type ReactNode, type SubmitEvent, useState } from "react";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { messageAt, ProblemNotice } from "../parts/problem-notice.tsx";
import { useClient } from "../session.tsx";
import { useAction } from "../use-action.ts";
import { useLoaded } from "../use-loaded.ts";
import { ExpiryChoice, expiryOf } from "./expiry-choice.tsx";
import { ManagedByWarning } from "./revoke-dialog.tsx";

type EditDialogProps = { readonly token: ApiToken; readonly onClose: () => void; readonly onDone: () => void };

/** Changes what a token is called, said to be for, how long it works, and from where. */
export function EditDialog({ token, onClose, onDone }: EditDialogProps): ReactNode {
  const client = useClient();
  const action = useAction();
  const [label, setLabel] = useState(token.label);
  const [description, setDescription] = useState(token.description ?? "");
  const [expiry, setExpiry] = useState("keep");
  const [networks, setNetworks] = useState(token.allowedNetworks.join("\n"));
  const policy = useLoaded("policy", (signal) => client.getOrganizationPolicy({ signal })).value;
  const save = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const text = description.trim();
    const request = {
      label: label.trim(),
      description: text === "" ? null : text,
      ...expiryOf(expiry),
      allowedNetworks: networks.split(/[\s,]+/).filter(Boolean),
    };
    action.run(async () => {
      // What somebody else changed meanwhile is not overwritten.
      await client.updateApiToken(token.id, request, { ifVersion: token.version });
      onDone();
    });
  };
  return (
    <Dialog title="Edit API token" onClose={onClose}>
      <form className="dialog-form" onSubmit={save} noValidate>
        <div className="dialog-body">
          <ManagedByWarning token={token} />
          <Field label="Label" error={messageAt(action.error, "/body/label")}>
            {(control) => (
              <input
                {...control}
                required
                maxLength={100}
                autoComplete="off"
                value={label}
                onChange={({ target }) => setLabel(target.value)}
              />
            )}
          </Field>
          <Field label="Description (optional)" error={messageAt(action.error, "/body/description")}>
            {(control) => (
              <textarea
                {...control}
                rows={3}
                maxLength={1000}
                value={description}
                onChange={({ target }) => setDescription(target.value)}
              />
            )}
          </Field>
          <ExpiryChoice
            value={expiry}
            current={token.expiresAt}
            maximumSeconds={policy?.maximumLifetimeSeconds ?? null}
            error={messageAt(action.error, "/body/expiresAt") ?? messageAt(action.error, "/body/expiresInSeconds")}
            onChange={setExpiry}
          />
          <Field
            label="Allowed networks (optional)"
            hint="Where the token works from, such as 192.0.2.0/24, one on each line. None means everywhere."
            error={networksError(action.error)}
          >
            {(control) => (
              <textarea
                {...control}
                rows={2}
                spellCheck={false}
                value={networks}
                onChange={({ target }) => setNetworks(target.value)}
              />
            )}
          </Field>
          {action.state === "failed" ? <ProblemNotice error={action.error} /> : null}
        </div>
        <footer className="dialog-footer">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" isBusy={action.state === "busy"}>
            Save
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}

function networksError(error: unknown): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const place = error.errors.find(({ pointer }) => pointer.startsWith("/body/allowedNetworks"));
  return place === undefined ? undefined : `Each ${place.message}.`;
}
