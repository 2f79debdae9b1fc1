# OpenBao or Vault: what the identity of an apply may do. It writes secrets, and can read none back.
path "kv/data/ci/*" {
  capabilities = ["create", "update"]
}

path "kv/metadata/ci/*" {
  capabilities = ["create", "update", "read", "delete"]
}
