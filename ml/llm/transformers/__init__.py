"""The language-model engine on transformers: one decode loop shared by all requests of a process."""
