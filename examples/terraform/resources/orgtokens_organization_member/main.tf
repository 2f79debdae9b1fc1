terraform {
  required_providers {
    orgtokens = { source = "orgtokens/orgtokens" }
  }
}

variable "admins" {
  type    = set(string)
  default = ["grace@example.com", "linus@example.com"]
}

# Each is mailed an invitation, whose link signs in once, within 7 days.
resource "orgtokens_organization_member" "admin" {
  for_each = var.admins
  email    = each.value
  role     = "admin"
}

resource "orgtokens_organization_member" "auditor" {
  email = "barbara@example.com"
  role  = "developer"
}
