"""Small tests of attention: seeded forms, scores from trials, and what repetition alone explains. Never a verdict."""
