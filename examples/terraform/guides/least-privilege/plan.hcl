# OpenBao or Vault: what the identity of a plan may do. It can see that an entry is still ours, and read no secret.
path "kv/metadata/ci/*" {
  capabilities = ["read"]
}
