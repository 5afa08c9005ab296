"""People: identity, profile, consent, data keys, roles, rights and the audit trail. Imports nothing of ours."""
