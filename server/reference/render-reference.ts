import {
  asList,
  asNode,
  asText,
  type ContractDocument,
  type ContractNode,
  type ReferenceOperation,
} from "./contract-document.ts";
import { type Html, html } from "./html.ts";
import { inline, paragraphs } from "./prose.ts";
import { renderOperation } from "./render-operation.ts";
import { renderSchema } from "./render-schema.ts";

/** A problem code with what it means. */
export type ProblemEntry = {
  readonly code: string;
  readonly title: string;
  readonly status: number;
  readonly retryable: boolean;
};

/** Operations of one kind, as the contract tags them. */
type Group = {
  readonly name: string;
  readonly description: string;
  readonly operations: readonly ReferenceOperation[];
};

/** The reference of the whole contract, as one document that needs its style sheet and nothing else. */
export function renderReference(document: ContractDocument, problems: readonly ProblemEntry[]): string {
  const info = asNode(document.root["info"]);
  const title = asText(info["title"]);
  const groups = groupOperations(document);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} API reference</title>
<link rel="stylesheet" href="/docs/reference.css">
</head>
<body>
<a class="skip" href="#content">Skip to the reference</a>
<header>
<h1>${title} <span class="version">API ${asText(info["version"])}</span></h1>
<p class="lead">${asText(info["summary"])}</p>
</header>
<nav aria-label="Contents">
<details open>
<summary>Contents</summary>
${groups.map(renderContents)}
<h2>More</h2>
<ul><li><a href="#problems">Problems</a></li><li><a href="#schemas">Schemas</a></li><li><a href="/openapi.yaml">openapi.yaml</a></li><li><a href="/openapi.json">openapi.json</a></li></ul>
</details>
</nav>
<main id="content">
<section class="about">
${paragraphs(asText(info["description"]))}
${renderAuthentication(document)}
</section>
${groups.map((group) => renderGroup(document, group))}
${renderProblems(problems)}
<section id="schemas"><h2>Schemas</h2>
${Object.entries(document.components("schemas")).map(([name, schema]) => renderSchema(document, name, schema))}
</section>
</main>
</body>
</html>
`;
  return page.markup;
}

function groupOperations(document: ContractDocument): readonly Group[] {
  const operations = document.operations();
  return asList(document.root["tags"]).map((tag) => {
    const { name, description } = asNode(tag);
    return {
      name: asText(name),
      description: asText(description),
      operations: operations.filter((operation) => operation.tag === name),
    };
  });
}

function titleOf(name: string): string {
  const words = name.replace(/^api-/, "API ").replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function renderContents({ name, operations }: Group): Html {
  const items = operations.map(({ operationId, summary }) => html`<li><a href="#${operationId}">${summary}</a></li>`);
  return html`<h2><a href="#tag-${name}">${titleOf(name)}</a></h2>
<ul>${items}</ul>
`;
}

function renderAuthentication(document: ContractDocument): Html {
  const ways = Object.values(document.components("securitySchemes")).map((scheme) => {
    const node = asNode(scheme);
    return html`<li><code>${wayOf(node)}</code> ${inline(asText(node["description"]))}</li>`;
  });
  return html`<h2 id="authentication">Authentication</h2>
<ul>${ways}</ul>`;
}

function wayOf({ type, name, in: place, scheme }: ContractNode): string {
  if (type === "apiKey") return place === "cookie" ? `Cookie: ${asText(name)}=...` : `${asText(name)}: <token>`;
  return scheme === "basic" ? "Authorization: Basic base64(<token>:)" : "Authorization: Bearer <token>";
}

function renderGroup(document: ContractDocument, { name, description, operations }: Group): Html {
  return html`<section id="tag-${name}">
<h2>${titleOf(name)}</h2>
${paragraphs(description)}
${operations.map((operation) => renderOperation(document, operation))}
</section>
`;
}

function renderProblems(problems: readonly ProblemEntry[]): Html {
  const rows = problems.map(
    ({
      code,
      title,
      status,
      retryable,
    }) => html`<tr id="problem-${code}"><td><code>${code}</code></td><td>${status}</td><td>${title}</td><td>${retryable ? "yes" : "no"}</td></tr>
`,
  );
  return html`<section id="problems">
<h2>Problems</h2>
<p>Failures are <code>application/problem+json</code> (RFC 9457). A <code>code</code> is never renamed.</p>
<div class="wide" tabindex="0" role="region" aria-label="Problem codes"><table>
<thead><tr><th scope="col">Code</th><th scope="col">Status</th><th scope="col">What it means</th><th scope="col">Worth repeating</th></tr></thead>
<tbody>${rows}</tbody>
</table></div>
</section>`;
}
