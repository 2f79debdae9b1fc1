# Generate: the answer holds the token, this once.
curl --fail-with-body --silent --show-error "$ORGTOKENS_ENDPOINT/v2/api-tokens" \
  --header "X-API-KEY: $ORGTOKENS_API_TOKEN" \
  --json '{"label": "Load test", "role": "developer"}' > created.json

# List: label, obfuscated token, last used, created by, role.
curl --fail-with-body --silent --show-error "$ORGTOKENS_ENDPOINT/v2/api-tokens?page=1&limit=10" \
  --header "X-API-KEY: $ORGTOKENS_API_TOKEN"

# Revoke: dead at once, everywhere.
id=$(sed 's/.*"id":"\([0-9a-f]*\)".*/\1/' created.json)
curl --fail-with-body --silent --show-error --request DELETE "$ORGTOKENS_ENDPOINT/v2/api-tokens/$id" \
  --header "X-API-KEY: $ORGTOKENS_API_TOKEN"
