"""A small convolutional network reads at least 97 % of handwritten digits it has not seen."""

import time

import numpy as np

from autograd_nn import Tensor, datasets, fit, nn, optim
from autograd_nn.training import accuracy, evaluate

EPOCHS = 15
data = datasets.digits()
images = data.features.reshape(-1, 1, 8, 8) / 16
X_train, X_test, y_train, y_test = datasets.train_test_split(images, data.labels, rng=0)

rng = np.random.default_rng(0)
model = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1, rng=rng),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Dropout(0.3, rng=rng),
    nn.Linear(256, 64, rng=rng),
    nn.ReLU(),
    nn.Linear(64, 10, rng=rng),
)
optimizer = optim.AdamW(model.parameters(), lr=Tensor(3e-3))

start = time.perf_counter()
history = fit(
    model,
    (X_train, y_train),
    nn.cross_entropy,
    optimizer,
    EPOCHS,
    rng=rng,
    metrics={"accuracy": accuracy},
    schedule=optim.CosineAnnealingLR(optimizer, EPOCHS),
    compile=True,
)
seconds = time.perf_counter() - start

found = evaluate(model, (X_test, y_test), nn.cross_entropy, {"accuracy": accuracy})
print(model.summary())
print(f"{found['accuracy']:.1%} of {len(y_test)} digits it has not seen, after {seconds:.1f} s")
assert found["accuracy"] >= 0.97
