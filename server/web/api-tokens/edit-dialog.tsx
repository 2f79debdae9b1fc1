import { ApiError, type ApiToken } from "@orgtokens/sdk";
import { type ReactNode, type SubmitEvent, useState } from "react";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { messageAt, ProblemNotice } from "../parts/problem-notice.tsx";
import { useClient } from "../session.tsx";
import { useAction } from "../use-action.ts";
import { ManagedByWarning } from "./revoke-dialog.tsx";

type EditDialogProps = { readonly token: ApiToken; readonly onClose: () => void; readonly onDone: () => void };

/** Changes what a token is called, said to be for, and works from. */
export function EditDialog({ token, onClose, onDone }: EditDialogProps): ReactNode {
  const client = useClient();
  const action = useAction();
  const [label, setLabel] = useState(token.label);
  const [description, setDescription] = useState(token.description ?? "");
  const [networks, setNetworks] = useState(token.allowedNetworks.join("\n"));
  const save = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const text = description.trim();
    const request = {
      label: label.trim(),
      description: text === "" ? null : text,
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
