"""Which line of a hand-written backward pass is wrong, which mistake it is, what to write instead."""
