terraform {
  required_providers {
    orgtokens = { source = "orgtokens/orgtokens" }
  }
}

data "orgtokens_users" "admins" {
  role = "admin"
}

output "admins" {
  value = data.orgtokens_users.admins.users[*].email
}
