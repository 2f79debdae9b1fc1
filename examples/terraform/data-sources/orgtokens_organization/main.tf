terraform {
  required_providers {
    orgtokens = { source = "orgtokens/orgtokens" }
  }
}

data "orgtokens_organization" "this" {}

output "organization" {
  value = data.orgtokens_organization.this.name
}
