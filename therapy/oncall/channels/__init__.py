"""The ways a message about an alert can take, behind one protocol. None of them may carry anybody's words."""
