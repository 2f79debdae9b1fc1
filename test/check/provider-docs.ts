import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createProviderServer, type WireFunction, type WireSchema } from "../../provider/framework/index.ts";
import { createProvider } from "../../provider/provider.ts";
import { codeBlock, exampleSection, fillTemplate, page } from "./provider-docs/page.ts";
import { schemaText, typeText } from "./provider-docs/schema-text.ts";

/**
 * Writes the documentation of the provider into the folder `target`, in the layout of Terraform's registry: `index.md`, a page for
 * each type and function, and the guides. It comes from the schema, from `examples/terraform` and from `provider/guides`.
 */
export async function writeProviderDocs(root: string, target: string): Promise<void> {
  const server = createProviderServer(createProvider({}));
  const schemas = await server.getProviderSchema(AbortSignal.timeout(10_000));
  const { provider, resources, dataSources, ephemeralResources, functions } = schemas;
  const pages = await Promise.all([
    indexPage(root, provider),
    ...pagesOf(resources, (name, schema) => typePage(root, { folder: "resources", noun: "Resource" }, name, schema)),
    ...pagesOf(dataSources, (name, schema) =>
      typePage(root, { folder: "data-sources", noun: "Data Source" }, name, schema),
    ),
    ...pagesOf(ephemeralResources, (name, schema) =>
      typePage(root, { folder: "ephemeral-resources", noun: "Ephemeral Resource" }, name, schema),
    ),
    ...pagesOf(functions, (name, definition) => functionPage(root, name, definition)),
    ...(await guidePages(root)),
  ]);
  for (const { path, text } of pages) {
    await mkdir(dirname(join(target, path)), { recursive: true });
    await writeFile(join(target, path), text);
  }
}

type Page = { readonly path: string; readonly text: string };
type Kind = { readonly folder: string; readonly noun: string };

function pagesOf<Definition>(
  definitions: { readonly [name: string]: Definition },
  write: (name: string, definition: Definition) => Promise<Page>,
): readonly Promise<Page>[] {
  return Object.entries(definitions).map(([name, definition]) => write(name, definition));
}

async function indexPage(root: string, { block }: WireSchema): Promise<Page> {
  const head = { title: "orgtokens Provider", description: block.description };
  const sections = [
    "# orgtokens Provider",
    block.description,
    await exampleSection(root, {
      heading: "Example Usage",
      file: "examples/terraform/provider/main.tf",
      language: "terraform",
    }),
    schemaText(block.attributes),
  ];
  return { path: "index.md", text: page(head, sections) };
}

async function typePage(root: string, { folder, noun }: Kind, name: string, { block }: WireSchema): Promise<Page> {
  const examples = `examples/terraform/${folder}/${name}`;
  const title = `${name} (${noun})`;
  const sections = [
    `# ${title}`,
    block.description,
    await exampleSection(root, { heading: "Example Usage", file: `${examples}/main.tf`, language: "terraform" }),
    schemaText(block.attributes),
    await importSection(root, examples),
  ];
  const path = `${folder}/${name.replace("orgtokens_", "")}.md`;
  return { path, text: page({ title, description: block.description, subcategory: "" }, sections) };
}

/** Both ways to import, where the examples show them. */
async function importSection(root: string, examples: string): Promise<string | undefined> {
  const byCommand = await exampleSection(root, {
    heading: "Import",
    file: `${examples}/import.sh`,
    language: "shell",
  });
  const byBlock = await exampleSection(root, {
    heading: "Import",
    file: `${examples}/import.tf`,
    language: "terraform",
  });
  if (byCommand === undefined || byBlock === undefined) return byCommand ?? byBlock;
  return `${byCommand}\n\nOr with an \`import\` block:\n\n${byBlock.split("\n").slice(2).join("\n")}`;
}

async function functionPage(root: string, name: string, definition: WireFunction): Promise<Page> {
  const { summary, description, parameters, variadicParameter, returns } = definition;
  const title = `${name} (Function)`;
  const words = [
    ...parameters.map((parameter) => `${parameter.name} ${typeText(parameter.type).toLowerCase()}`),
    ...(variadicParameter === undefined
      ? []
      : [`${variadicParameter.name} ${typeText(variadicParameter.type).toLowerCase()}...`]),
  ];
  const sections = [
    `# ${title}`,
    description,
    await exampleSection(root, {
      heading: "Example Usage",
      file: `examples/terraform/functions/${name}/main.tf`,
      language: "terraform",
    }),
    `## Signature\n\n${codeBlock("text", `${name}(${words.join(", ")}) ${typeText(returns).toLowerCase()}`)}`,
    argumentsText(definition),
  ];
  return { path: `functions/${name}.md`, text: page({ title, description: summary, subcategory: "" }, sections) };
}

function argumentsText({ parameters, variadicParameter }: WireFunction): string {
  const all = [...parameters, ...(variadicParameter === undefined ? [] : [variadicParameter])];
  const lines = all.map(
    (parameter, index) => `${index + 1}. \`${parameter.name}\` (${typeText(parameter.type)}) ${parameter.description}`,
  );
  return ["## Arguments", lines.join("\n")].join("\n\n");
}

/** A guide starts with its title and one paragraph that says what it is for. */
async function guidePages(root: string): Promise<readonly Page[]> {
  const folder = join(root, "provider/guides");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".md")).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = await fillTemplate(root, await readFile(join(folder, name), "utf8"));
      const [, title = "", description = ""] = /^# ([^\n]+)\n\n(.+?)\n\n/su.exec(text) ?? [];
      const head = { title, description, subcategory: "Guides" };
      return { path: `guides/${name}`, text: page(head, [text.trimEnd()]) };
    }),
  );
}
