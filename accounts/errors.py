"""Errors of `accounts`. Each says what an operator must do, none holds a person's words."""


class KeyFault(Exception):
    """Base of every fault with keys or sealed data. Fail closed: never fall through to plaintext."""


class KeyMissing(KeyFault):
    """No key-encryption key, or not the version that wrapped a data key, is configured."""


class KeyWrong(KeyFault):
    """A key-encryption key is configured but is not the one this database was sealed with."""


class KeyDestroyed(KeyFault):
    """The person's data key was destroyed on their request; nothing of theirs can be read any more."""


class SealBroken(KeyFault):
    """A sealed value does not belong to this table, row and person, or was changed."""
