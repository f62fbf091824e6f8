"""Which line of a hand-written backward pass is wrong, and what to write instead."""
