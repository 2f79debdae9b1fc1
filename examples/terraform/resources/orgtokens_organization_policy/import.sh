# By the id of the organization.
terraform import orgtokens_organization_policy.this 0199f3a0a1b2c3d4e5f60718
