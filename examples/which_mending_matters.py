"""Mend the tutorial's two wrong lines one by one: one decides, and right is not fastest.

Give a folder to have the learning curves there.
"""

import sys
import tempfile
from pathlib import Path

from autograd_nn import plotting
from autograd_nn.compare import cases, summarize, sweep, table
from autograd_nn.compare.experiments.plots import learning_curves

# The printed rule goes wrong in two lines.  Train exclusive or by every way to mend them.
rules = ["printed", "output-mended", "hidden-mended", "mended"]
outcomes = sweep(cases(rule=rules, learning_rate=0.1, seed=range(10)))
summaries = summarize(outcomes)
print(table(summaries))
folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
print("written to", plotting.save(learning_curves(outcomes), folder / "mendings.svg"))

printed, output_mended, hidden_mended, mended = (summary.successes for summary in summaries)
assert printed == output_mended == 0
assert min(hidden_mended, mended) >= 9

# With the hidden line alone mended it is faster than the gradient.  It has no curl, so it is the
# gradient after all, of another loss: one that saturates less.
epochs = {summary.configuration["rule"]: summary.epochs.value or 0.0 for summary in summaries}
curls = {summary.configuration["rule"]: summary.curl.value or 0.0 for summary in summaries}
assert 0 < epochs["hidden-mended"] < epochs["mended"]
assert curls["hidden-mended"] < 1e-12
assert curls["printed"] > 1e-3
print("\nthe hidden line decides, and with the mistake left in the other training is faster")
