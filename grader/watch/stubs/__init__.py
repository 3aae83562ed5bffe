"""What stands for modules that a script imports and that its grading does not need."""
