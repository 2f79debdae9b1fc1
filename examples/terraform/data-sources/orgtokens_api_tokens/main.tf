terraform {
  required_providers {
    orgtokens = { source = "orgtokens/orgtokens" }
  }
}

data "orgtokens_api_tokens" "admin" {
  role   = "admin"
  status = "active"
}

# Admin tokens that never expire.
output "for_ever" {
  value = [for token in data.orgtokens_api_tokens.admin.api_tokens : token.label if token.expires_at == null]
}
