# With OpenBao it is the command bao. The policy is the one of an apply.
vault policy write orgtokens-apply apply.hcl

# AppRole, with tokens that live for one run.
vault write auth/approle/role/orgtokens token_policies=orgtokens-apply token_ttl=20m token_max_ttl=1h secret_id_ttl=720h

# The jobs of one project of a CI system that signs JWTs.
vault write auth/jwt/role/orgtokens role_type=jwt bound_audiences=vault user_claim=sub bound_subject=project:infra token_policies=orgtokens-apply token_ttl=20m

# The pods of one service account.
vault write auth/kubernetes/role/orgtokens bound_service_account_names=terraform bound_service_account_namespaces=ci token_policies=orgtokens-apply token_ttl=20m
