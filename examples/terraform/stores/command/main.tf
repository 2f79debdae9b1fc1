terraform {
  required_providers {
    orgtokens = { source = "orgtokens/orgtokens" }
  }
}

# How programs are called is said in the file that ORGTOKENS_PROGRAMS_FILE names; pass itself uses its own usual environment.
provider "orgtokens" {
  managed_by = "examples/stores/command"
}

resource "orgtokens_api_token" "ci" {
  label        = "CI in pass"
  role         = "developer"
  secret_store = { command = { program = "pass", entry = "ci/orgtokens" } }
}
