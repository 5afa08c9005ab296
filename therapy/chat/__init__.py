"""Chat sessions, messages, turns and the socket."""
