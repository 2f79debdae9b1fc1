terraform {
  required_providers {
    orgtokens = { source = "orgtokens/orgtokens" }
  }
}

# Lives while Terraform works, and is in no plan and no state.
ephemeral "orgtokens_api_token" "smoke_test" {
  label      = "Smoke test"
  role       = "developer"
  expires_in = "10m"
}

# A provider block, a write-only argument, or, as here, a provisioner can take it.
resource "terraform_data" "smoke_test" {
  provisioner "local-exec" {
    command     = "printf 'X-API-KEY: %s' \"$TOKEN\" | curl --fail --silent --show-error --header @- \"$ORGTOKENS_ENDPOINT/v2/me\""
    environment = { TOKEN = ephemeral.orgtokens_api_token.smoke_test.token }
  }
}
