"""The tutorial's XOR network trains several times as slowly, or not at all, by its printed rule."""

import numpy as np

from autograd_nn import datasets
from autograd_nn.compare import training_effect

data = datasets.xor()
rows = training_effect(data.features, data.targets, learning_rates=(0.1, 1.0), seeds=range(20))
for row in rows:
    print(f"lr {row.learning_rate}: {row.rule:7} succeeds in {row.successes} of {row.runs} runs")

successes = {(row.learning_rate, row.rule): row.successes for row in rows}
assert successes[0.1, "printed"] == 0
assert successes[0.1, "mended"] >= 18
epochs = {(row.learning_rate, row.rule): row.median_epochs for row in rows}
assert epochs[1.0, "printed"] > 3 * epochs[1.0, "mended"]
assert np.isnan(epochs[0.1, "printed"])
