"""An LSTM learns a poem by heart, letter by letter, to less than half a bit a letter, and recites.

Every gradient is first held against differences of the loss.  Then four hundred compiled steps,
each through time; the picture shows what still surprises the network on the way.  Give a folder to
have the picture there.
"""

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import autograd_nn as ag
from autograd_nn import nn, optim, plotting
from autograd_nn.compare import finite_difference

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Lewis Carroll, "Jabberwocky", without its last stanza, which is the first once more; from "Through
# the Looking-Glass" (1871).  Carroll died in 1898: the poem is in the public domain.
POEM = """\
'Twas brillig, and the slithy toves
Did gyre and gimble in the wabe;
All mimsy were the borogoves,
And the mome raths outgrabe.

"Beware the Jabberwock, my son!
The jaws that bite, the claws that catch!
Beware the Jubjub bird, and shun
The frumious Bandersnatch!"

He took his vorpal sword in hand:
Long time the manxome foe he sought -
So rested he by the Tumtum tree,
And stood awhile in thought.

And, as in uffish thought he stood,
The Jabberwock, with eyes of flame,
Came whiffling through the tulgey wood,
And burbled as it came!

One, two! One, two! And through and through
The vorpal blade went snicker-snack!
He left it dead, and with its head
He went galumphing back.

"And hast thou slain the Jabberwock?
Come to my arms, my beamish boy!
O frabjous day! Callooh! Callay!"
He chortled in his joy.
"""
LETTERS = sorted(set(POEM))
TEXT = np.array([LETTERS.index(letter) for letter in POEM])
TIMES, BATCH, STEPS = 24, 16, 400
SHOWN = (0, 40, 100, STEPS)  # steps after which the network is asked what surprises it
LINE = POEM.index("Beware the Jabberwock")  # of which line
Integers = NDArray[np.int64]


class Speller(nn.Module):
    """Guess the next letter from all before."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.embedding = nn.Embedding(len(LETTERS), 16, rng=rng)
        self.lstm = nn.LSTM(16, 64, rng=rng)
        self.head = nn.Linear(64, len(LETTERS), rng=rng)

    def forward(self, letters: Integers, state: Any = None) -> tuple[Any, Any]:
        """Return scores of shape (times * n, letters) for letters (times, n), and the state."""
        output, state = self.lstm(self.embedding(letters), state)
        return self.head(np.reshape(output, (-1, 64))), state


def windows(rng: np.random.Generator) -> tuple[Integers, Integers]:
    """Draw pieces of the poem, (TIMES, BATCH), and the letter that follows each of theirs."""
    starts = rng.integers(len(TEXT) - TIMES, size=BATCH)
    places = np.arange(TIMES)[:, np.newaxis] + starts
    return TEXT[places], TEXT[places + 1].ravel()


def check_gradients(model: Speller, rng: np.random.Generator) -> float:
    """Return the largest relative error of slopes along random directions, one a parameter."""
    letters, following = windows(rng)
    model.zero_grad()
    nn.cross_entropy(model(letters)[0], following).backward()
    state, probe, worst = model.state_dict(), Speller(rng), 0.0
    for name, parameter in model.named_parameters():
        direction = rng.standard_normal(parameter.shape)

        def moved(t: Any, name: str = name, direction: Any = direction) -> Any:
            probe.load_state_dict(state | {name: state[name] + t * direction})
            with ag.no_grad():
                return nn.cross_entropy(probe(letters)[0], following).numpy()

        assert parameter.grad is not None
        automatic = np.sum(parameter.grad.numpy() * direction)
        numerical = finite_difference(moved, 0.0)
        print(f"{name:18} slope {automatic:+.9f}, by differences {numerical:+.9f}")
        worst = max(worst, abs(automatic - numerical) / abs(numerical))
    return worst


def surprises(model: Speller) -> NDArray[np.float64]:
    """Return how many bits each letter of the poem but the first needs, read from the start."""
    with ag.no_grad():
        scores, _ = model(TEXT[:-1, np.newaxis])
        bits = -ag.log_softmax(scores).numpy() / np.log(2)
    found: NDArray[np.float64] = bits[np.arange(len(TEXT) - 1), TEXT[1:]]
    return found


def recite(model: Speller, start: str, letters: int, rng: np.random.Generator) -> str:
    """Go on, letter by letter, drawing each as probably as the network finds it."""
    said, state = start, None
    unread = [LETTERS.index(letter) for letter in start]
    with ag.no_grad():
        for _ in range(letters):
            scores, state = model(np.array(unread)[:, np.newaxis], state)
            unread = [int(rng.choice(len(LETTERS), p=ag.softmax(scores).numpy()[-1]))]
            said += LETTERS[unread[0]]
    return said


def bits_of_tables() -> tuple[float, float]:
    """Return the bits a letter that counts of letters, and of pairs of them, need."""
    pairs = np.zeros((len(LETTERS), len(LETTERS)))
    np.add.at(pairs, (TEXT[:-1], TEXT[1:]), 1)

    def entropy(counts: Any) -> float:
        shares = counts[counts > 0] / counts.sum()
        return float(-np.sum(shares * np.log2(shares)))

    return entropy(pairs.sum(axis=0)), entropy(pairs) - entropy(pairs.sum(axis=1))


@plotting.style()
def picture(bits: NDArray[np.float64], shown: dict[int, NDArray[np.float64]]) -> "Figure":
    """Draw the loss over the steps, and the surprises in a line of the poem."""
    figure, [curve, line] = plotting.subplots(1, 2, size=(8.4, 3), width_ratios=(1, 1.5))
    curve.plot(bits, color=plotting.COLOURS["blue"])
    for height, name in zip(bits_of_tables(), ("counts of letters", "of pairs"), strict=True):
        curve.axhline(height, color=plotting.COLOURS["grey"], linewidth=1, linestyle=":")
        plotting.label(curve, STEPS, height, name, "grey", xytext=(0, 6), ha="right")
    plotting.label(curve, STEPS, bits[-1], "LSTM", "blue", xytext=(0, 10), ha="right")
    curve.set(xlabel="step", ylim=(0, None))
    curve.set_title("Bits a letter", loc="left")
    text = POEM[LINE:].splitlines()[0]
    rows = np.array([found[LINE - 1 : LINE - 1 + len(text)] for found in shown.values()])
    line.imshow(rows, cmap="Oranges", vmin=0, vmax=11, aspect="auto", interpolation="none")
    for i, j in np.ndindex(rows.shape):
        line.text(j, i, text[j], ha="center", va="center", family="monospace", color="black")
    line.set_yticks(range(len(shown)), [f"{step} steps" for step in shown])
    line.set_xticks([])
    line.tick_params(length=0)
    line.spines[:].set_visible(False)
    line.grid(visible=False)
    line.set_title("What surprises the network: the darker, the more bits", loc="left")
    return figure


def main() -> None:
    """Check, train, print, draw, assert."""
    rng = np.random.default_rng(0)
    model = Speller(rng)
    error = check_gradients(model, rng)
    optimizer = optim.Adam(model.parameters(), lr=0.01)

    def step(letters: Integers, following: Integers) -> Any:
        optimizer.zero_grad()
        loss = nn.cross_entropy(model(letters)[0], following)
        loss.backward()
        optimizer.step()
        return loss

    learn = ag.compile(step, *windows(rng))
    shown, bits = {0: surprises(model)}, []
    for count in range(1, STEPS + 1):
        bits.append(learn(*windows(rng)).item() / np.log(2))
        if count in SHOWN:
            shown[count] = surprises(model)

    final = float(np.mean(shown[STEPS]))
    letters, pairs = bits_of_tables()
    print(f"\nbits a letter: {final:.2f}; counts of letters {letters:.2f}, of pairs {pairs:.2f}\n")
    print(recite(model, "'Twas", 200, rng), "...")
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
    path = plotting.save(picture(np.array(bits), shown), folder / "character-lstm.svg")
    print("\nwritten to", path)

    assert error < 1e-7
    assert final < 0.5 < pairs < letters


if __name__ == "__main__":
    main()
