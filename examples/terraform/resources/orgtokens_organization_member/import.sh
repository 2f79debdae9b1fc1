# By the address, or by the id of the user.
terraform import orgtokens_organization_member.auditor barbara@example.com
terraform import orgtokens_organization_member.auditor 0199f3a0a1b2c3d4e5f60719
