terraform {
  required_providers {
    orgtokens = { source = "orgtokens/orgtokens" }
  }
}

data "orgtokens_api_tokens" "here" {
  destination = provider::orgtokens::destination({ vault = { mount = "kv", path = "ci/orgtokens" } })
}

output "labels" {
  value = data.orgtokens_api_tokens.here.api_tokens[*].label
}
