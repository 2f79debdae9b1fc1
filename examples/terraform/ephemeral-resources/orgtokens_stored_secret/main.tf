terraform {
  required_providers {
    orgtokens = { source = "orgtokens/orgtokens" }
  }
}

resource "orgtokens_api_token" "deploy" {
  label        = "Deploy"
  role         = "developer"
  secret_store = { vault = { mount = "kv", path = "ci/deploy-to-staging" } }
}

# Read from its store, which needs the right to: path "kv/data/ci/deploy-to-staging" { capabilities = ["read"] }.
ephemeral "orgtokens_stored_secret" "deploy" {
  destination = orgtokens_api_token.deploy.destination

  # Says which secret is meant, and that it is read only once it was delivered.
  fingerprint = orgtokens_api_token.deploy.fingerprint
}

# A provider block, a write-only argument, or, as here, a provisioner can take it.
resource "terraform_data" "log_in" {
  triggers_replace = orgtokens_api_token.deploy.fingerprint

  provisioner "local-exec" {
    command     = "printf 'X-API-KEY: %s' \"$TOKEN\" | curl --fail --silent --show-error --header @- \"$ORGTOKENS_ENDPOINT/v2/me\""
    environment = { TOKEN = ephemeral.orgtokens_stored_secret.deploy.token }
  }
}
