"""The one error of this package: a text for the person at the terminal, printed without a traceback."""


class LocalError(Exception):
    """Something on this machine keeps the services from running; the message says what and what to do."""
