"""The counsellors' workspace in the admin."""
