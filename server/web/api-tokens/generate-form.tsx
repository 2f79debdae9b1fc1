import type { ApiToken, CreateApiTokenRequest, OrganizationPolicy } from "@orgtokens/sdk";
import { type ReactNode, type SubmitEvent, useEffect, useState } from "react";
import { Button } from "../parts/button.tsx";
import { Field } from "../parts/field.tsx";
import { messageAt, ProblemNotice } from "../parts/problem-notice.tsx";
import { useClient } from "../session.tsx";
import type { Action } from "../use-action.ts";
import { useLoaded } from "../use-loaded.ts";
import { ExpiryChoice, expiryOf } from "./expiry-choice.tsx";
import { RoleChoice } from "./role-choice.tsx";

/** How long after the last key it is asked whether a label is used, in milliseconds. */
const typingPauseMs = 300;

type GenerateFormProps = {
  readonly action: Action;
  readonly onSubmit: (request: CreateApiTokenRequest) => void;
  readonly onCancel: () => void;
};

/** What a token is for, what it may do, and how long. */
export function GenerateForm({ action, onSubmit, onCancel }: GenerateFormProps): ReactNode {
  const [label, setLabel] = useState("");
  const [role, setRole] = useState<ApiToken["role"]>("developer");
  const [lifetime, setLifetime] = useState<string>();
  const [description, setDescription] = useState("");
  const [isMissing, setMissing] = useState(false);
  const client = useClient();
  const policy = useLoaded("policy", (signal) => client.getOrganizationPolicy({ signal })).value;
  const expiry = lifetime ?? defaultLifetime(policy);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    setMissing(label.trim() === "");
    if (label.trim() === "") return document.getElementsByName("label")[0]?.focus();
    const text = description.trim();
    onSubmit({ label: label.trim(), role, ...expiryOf(expiry), ...(text === "" ? {} : { description: text }) });
  };
  const labelError = isMissing ? "Say what the token is for." : messageAt(action.error, "/body/label");
  return (
    <form className="dialog-form" onSubmit={submit} noValidate>
      <div className="dialog-body">
        <Field
          label="Label"
          hint="What the token is for. It is shown wherever the token's activity is."
          error={labelError}
          warning={<LabelInUse label={label.trim()} policy={policy} />}
        >
          {(control) => (
            <input
              {...control}
              name="label"
              required
              maxLength={100}
              autoComplete="off"
              placeholder="CI/CD pipeline"
              value={label}
              onChange={({ target }) => setLabel(target.value)}
            />
          )}
        </Field>
        <RoleChoice role={role} allowed={policy?.tokenRoles ?? ["developer", "admin"]} onChange={setRole} />
        <ExpiryChoice
          value={expiry}
          maximumSeconds={policy?.maximumLifetimeSeconds ?? null}
          error={messageAt(action.error, "/body/expiresAt") ?? messageAt(action.error, "/body/expiresInSeconds")}
          onChange={setLifetime}
        />
        <Field label="Description (optional)" error={messageAt(action.error, "/body/description")}>
          {(control) => (
            <textarea
              {...control}
              rows={2}
              maxLength={1000}
              value={description}
              onChange={({ target }) => setDescription(target.value)}
            />
          )}
        </Field>
        {action.state === "failed" ? <ProblemNotice error={action.error} /> : null}
      </div>
      <footer className="dialog-footer">
        <Button onClick={onCancel}>Cancel</Button>
        <Button look="primary" type="submit" isBusy={action.state === "busy"}>
          Generate token
        </Button>
      </footer>
    </form>
  );
}

function defaultLifetime(policy: OrganizationPolicy | undefined): string {
  const seconds = policy?.defaultLifetimeSeconds ?? policy?.maximumLifetimeSeconds ?? null;
  return seconds === null ? "never" : String(seconds);
}

type LabelInUseProps = { readonly label: string; readonly policy: OrganizationPolicy | undefined };

/** Tells that a live token has the label already, a moment after the last key. */
function LabelInUse({ label, policy }: LabelInUseProps): ReactNode {
  const client = useClient();
  const [asked, setAsked] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setAsked(label), typingPauseMs);
    return () => clearTimeout(timer);
  }, [label]);
  const found = useLoaded(asked, async (signal) => {
    if (asked === "") return 0;
    return (await client.listApiTokens({ label: asked, limit: 1 }, { signal })).total;
  });
  if (asked !== label || (found.value ?? 0) === 0) return null;
  return policy?.duplicateLabels === "refuse"
    ? "A live token has this label, and your organization's policy wants each to have its own."
    : "A live token has this label already. Choose another, so that their activity can be told apart.";
}
