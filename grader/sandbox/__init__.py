"""The parent's side of running code that nobody trusts."""
