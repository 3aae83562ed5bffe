"""What was reported is compared with what was expected. Pure: arrays in, findings, evidence and points out."""
