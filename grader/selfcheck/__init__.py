"""What students call in their own notebook or script: `check`, in a process of its own, and `main_test`, in theirs."""
