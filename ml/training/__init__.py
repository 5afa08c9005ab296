"""Commands that make the shipped weights; run on a training machine, never imported by a serving process."""
