import type { CommandContext, CommonFlags } from "./command-context.ts";

/** Shells that words can be completed in. */
export const shells = ["bash", "zsh", "fish"] as const;

/** `completion`: a script for a shell, which asks the command itself for the words that can follow. */
export async function completion(
  { print }: CommandContext,
  flags: CommonFlags & { readonly shell: (typeof shells)[number] },
): Promise<void> {
  print(scripts[flags.shell]);
}

// `SHELL` says in which form the words are wanted: a shell does not set it when another one starts it.
const scripts = {
  bash: `# orgtokens completion bash >/etc/bash_completion.d/orgtokens
_orgtokens() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(SHELL=bash orgtokens --get-yargs-completions "\${COMP_WORDS[@]}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o bashdefault -o default -F _orgtokens orgtokens
`,
  zsh: `#compdef orgtokens
# orgtokens completion zsh >"\${fpath[1]}/_orgtokens"
_orgtokens() {
  local -a found
  found=("\${(@f)$(SHELL=zsh orgtokens --get-yargs-completions "\${words[@]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then _describe orgtokens found; else _files; fi
}
if [[ "\${funcstack[1]}" == _orgtokens ]]; then _orgtokens; else compdef _orgtokens orgtokens; fi
`,
  fish: `# orgtokens completion fish >~/.config/fish/completions/orgtokens.fish
function __orgtokens
  env SHELL=bash orgtokens --get-yargs-completions (commandline -opc) (commandline -ct) 2>/dev/null
end
complete --command orgtokens --arguments '(__orgtokens)'
`,
} as const;
