"""What is remembered of a person between conversations, and the page on which they rule over it."""
