terraform {
  required_providers {
    orgtokens = { source = "orgtokens/orgtokens" }
  }
}

provider "orgtokens" {
  managed_by = "examples/stores/file"
}

# The file holds a JSON object; its other keys are kept. Without "key" it holds the secret and nothing else.
resource "orgtokens_api_token" "local" {
  label        = "Local development"
  role         = "developer"
  secret_store = { file = { path = "../secrets.json", key = "orgtokens" } }
}
