"""What a submission's files hold, and what of them is to be run. Nothing is run here."""
