"""Mend one of the tutorial's two wrong lines: which one decides, and does right mean fast?"""

from autograd_nn.compare import cases, summarize, sweep, table

# The printed rule goes wrong in two lines.  Train exclusive or by every way to mend them.
rules = ["printed", "output-mended", "hidden-mended", "mended"]
outcomes = sweep(cases(rule=rules, learning_rate=0.1, seed=range(10)))
summaries = summarize(outcomes)
print(table(summaries))

printed, output_mended, hidden_mended, mended = summaries
assert printed.successes == output_mended.successes == 0
assert hidden_mended.successes >= 9
assert mended.successes >= 9

# With the hidden line alone mended it is faster than the gradient, and yet no wrong gradient of
# something: without curl, it is the gradient of another loss, one that saturates less.
assert hidden_mended.epochs.value < mended.epochs.value
assert hidden_mended.curl.value < 1e-12
assert printed.curl.value > 1e-3
print("\nthe hidden line decides, and what is left of the mistake makes it faster")
