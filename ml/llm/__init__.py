"""Ways to speak: the engines behind `LanguageModel`, their prompts and the output guard."""
