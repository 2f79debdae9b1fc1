import {
  asText,
  type Body,
  type ContractDocument,
  type ReferenceAnswer,
  type ReferenceOperation,
} from "./contract-document.ts";
import { curlCommand } from "./curl.ts";
import { type Html, type HtmlValue, html } from "./html.ts";
import { inline, paragraphs } from "./prose.ts";
import { describeType, renderMembers, renderTerms } from "./render-schema.ts";

/** Who may call an operation, in words, by `x-callers`. */
const callerNames: Readonly<Record<string, string>> = {
  public: "everybody, without credentials",
  "any-token": "every live token",
  member: "every live token and every signed-in user",
  admin: "Admin tokens and signed-in admins",
  user: "signed-in users",
};

/** Everything about one operation: who may call it, what it takes, what it answers, and how to try it. */
export function renderOperation(document: ContractDocument, operation: ReferenceOperation): Html {
  const { operationId, method, path, summary, description, callers, answers } = operation;
  return html`<article class="operation" id="${operationId}">
<h3><a class="anchor" href="#${operationId}">${summary}</a></h3>
<p class="route"><span class="method ${method.toLowerCase()}">${method}</span> <code>${breakable(path)}</code></p>
<p class="callers">For ${callerNames[callers] ?? callers}. <span class="id">${operationId}</span></p>
${description === "" ? undefined : paragraphs(description)}
${renderParameters(document, operation)}
${renderRequestBody(document, operation.body)}
${renderCommand(operation)}
<h4>Answers</h4>
${answers.map((answer) => renderAnswer(document, operationId, answer))}
</article>
`;
}

/** What only the server's own page may call, nobody tries in a shell. */
function renderCommand(operation: ReferenceOperation): Html | undefined {
  if (operation.isOwnPageOnly) return undefined;
  return html`<h4>Try it</h4>
<pre tabindex="0" aria-label="Command for ${operation.operationId}"><code>${curlCommand(operation)}</code></pre>`;
}

/** A path may break after each slash. */
function breakable(path: string): HtmlValue {
  return path.split("/").map((part, index) => (index === 0 ? part : [html`/<wbr>`, part]));
}

function renderParameters(document: ContractDocument, { parameters }: ReferenceOperation): Html | undefined {
  if (parameters.length === 0) return undefined;
  const terms = parameters.map((parameter) => ({
    name: asText(parameter["name"]),
    isRequired: parameter["required"] === true,
    type: [`in ${asText(parameter["in"])}, `, describeType(document, parameter["schema"])],
    description: asText(parameter["description"]),
  }));
  return html`<h4>Parameters</h4>
${renderTerms(terms)}`;
}

function renderRequestBody(document: ContractDocument, body: Body | undefined): Html | undefined {
  if (body === undefined) return undefined;
  return html`<h4>Body <span class="type"><code>${body.mediaType}</code></span></h4>
${renderMembers(document, document.resolve(body.schema).node)}`;
}

function renderAnswer(document: ContractDocument, operationId: string, answer: ReferenceAnswer): Html {
  const { status, description, headers, problemCodes, body } = answer;
  const kind = status.startsWith("2") ? "good" : "bad";
  const terms = Object.entries(headers).map(([name, header]) => {
    const { node } = document.resolve(header);
    const type = describeType(document, node["schema"]);
    return { name, isRequired: false, type, description: asText(node["description"]) };
  });
  return html`<details class="answer ${kind}">
<summary><span class="status">${status}</span> ${inline(description.split("\n\n")[0] ?? "")}</summary>
${problemCodes.length === 0 ? undefined : html`<p class="codes">${problemCodes.map((code) => html`<a href="#problem-${code}"><code>${code}</code></a> `)}</p>`}
${terms.length === 0 ? undefined : [html`<h5>Header fields</h5>`, renderTerms(terms)]}
${
  body === undefined
    ? html`<p>Without a body.</p>`
    : html`<h5>Body <span class="type"><code>${body.mediaType}</code> ${describeType(document, body.schema)}</span></h5>
<pre tabindex="0" aria-label="Example of ${operationId} ${status}"><code>${JSON.stringify(body.example, null, 2)}</code></pre>`
}
</details>
`;
}
