"""Which expression of a submission is wrong: named, suspected, tried, and told as facts. Pure.

A run with instruments tells what each expression held. Each value is named after the quantity of the derivation that it
is; where the wrong outputs come from is suspected; and a hypothesis (this expression should hold that quantity) counts
only where a run with that value in its place makes outputs right that were wrong, and none wrong that was right.

Sources: Shapiro, Algorithmic Program Debugging (1982); Jeffrey, Gupta & Gupta, Fault localization using value
replacement (ISSTA 2008).
"""
