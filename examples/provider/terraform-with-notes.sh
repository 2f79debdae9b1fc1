#!/bin/sh
# Runs Terraform with the provider of this folder: no registry, no init. Try: terraform-with-notes.sh apply
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
launchers=$(mktemp -d)
trap 'rm -r "$launchers"' EXIT

printf '#!/bin/sh\nexec node "%s/main.ts"\n' "$here" >"$launchers/terraform-provider-notes"
chmod +x "$launchers/terraform-provider-notes"
cat >"$launchers/terraform.rc" <<END
provider_installation {
  dev_overrides { "example/notes" = "$launchers" }
  direct {}
}
END
TF_CLI_CONFIG_FILE="$launchers/terraform.rc" "${TERRAFORM:-terraform}" "$@"
