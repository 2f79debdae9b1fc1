#!/usr/bin/env bash
# A client of the Appetize V2 API-token reference, as it was before the move: nothing of it is changed but the host,
#   API=https://tokens.example.com API_KEY=tok_... bash x-api-key-client.sh
# where API_KEY is an Admin token of yours. It generates a token, finds it in the list and revokes it.
set -euo pipefail
: "${API:=https://api.appetize.io}" "${API_KEY:?an Admin token}"

# Generate: the answer holds the token, this once. It goes to a file of its owner alone, not to the terminal.
umask 077
created=$(mktemp)
trap 'rm -f "$created"' EXIT
curl --fail --silent --show-error -X POST "$API/v2/api-tokens" -H "X-API-KEY: $API_KEY" \
  -H "Content-Type: application/json" -d '{"label": "CI/CD Token", "role": "developer"}' > "$created"
id=$(sed 's/.*"id": *"\([^"]*\)".*/\1/' "$created")
echo "generated $id"

# List, page by page: label, obfuscated token, last used, created by, role.
page=1
while [[ $page =~ ^[0-9]+$ ]]; do
  answer=$(curl --fail --silent --show-error "$API/v2/api-tokens?page=$page&limit=10" -H "X-API-KEY: $API_KEY")
  if [[ $answer == *"$id"* ]]; then echo "listed $id on page $page"; fi
  page=$(sed 's/.*"nextPage": *\([0-9a-z]*\).*/\1/' <<< "$answer")
done

# Revoke: 204, and dead at once.
status=$(curl --fail --silent --show-error -X DELETE "$API/v2/api-tokens/$id" -H "X-API-KEY: $API_KEY" \
  --write-out '%{http_code}')
echo "revoked $id: $status"
