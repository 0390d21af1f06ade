"""Letters in a spiking memory: stored as images, recalled from their cues, from a part, and with wrong pixels.

Each pixel has two bits, as a retina has ON and OFF cells: one says "black", the other "white"; a pixel that cannot be
seen has neither. What is seen: every letter comes back whole, from its upper rows and with four of 35 pixels wrong.
"""

import numpy as np

from neurosim import HippocampalMemory

LETTERS = {
    "C": ".###.#...##....#....#....#...#.###.",
    "A": ".###.#...##...#######...##...##...#",
    "3": ".###.#...#....#..##.....##...#.###.",
}
images = {name: np.array([pixel == "#" for pixel in text]) for name, text in LETTERS.items()}


def cells(image, seen=True):
    """Return the bits of an image, of the pixels that are seen."""
    return np.concatenate([image & seen, ~image & seen])


memory = HippocampalMemory(3, 70)
for cue, image in enumerate(images.values()):
    memory.learn(cue, cells(image))


def recalled(cue):
    """Return the letter whose image the memory recalls from a cue."""
    bits = memory.recall(cue)
    return next(name for name, image in images.items() if bits == set(np.flatnonzero(cells(image)).tolist()))


upper = np.arange(35) < 15
wrong = np.isin(np.arange(35), (3, 11, 18, 27))
for cue, (name, image) in enumerate(images.items()):
    (part,) = memory.search(cells(image, upper), match="all")
    (noisy,) = memory.nearest(cells(image ^ wrong))
    print(f"{name}: from its cue {recalled(cue)}, from its upper rows {recalled(part)}, corrupted {recalled(noisy)}")
