# By its label, which exactly one live token must have, or by its id.
terraform import orgtokens_api_token.ci 'label:CI deploy'
terraform import orgtokens_api_token.ci 0199f3a1b2c40d5e6f708192
