"""The transition engine: proposals in, verdicts and states out."""
