"""The spike times of the hippocampal memory by operation, as published recordings show them, and the experiments."""

from neurosim.models.hippocampal_operations import MS, Operation


def predicted(operations, cues):
    """Return the set of (population, index, millisecond) of all spikes but those of IN, from the table of times."""
    stored, spikes = {}, set()

    def fire(population, indices, start, *lags):
        spikes.update((population, index, start + lag) for lag in lags for index in indices)

    for operation in operations:
        t, bits = operation.step, operation.bits
        if operation.kind == "search":
            match = [cue for cue, held in stored.items() if held & bits]
            fire("ContCue", bits, t, 1)
            fire("ContCond", bits, t, 2)
            fire("ContCondInt", [0], t, 2)
            fire("CueCont", match, t, 4)
            fire("ContCont", bits, t, 3)
            fire("MergeCue", match, t, 5)
            fire("MergeCont", bits, t, 4)
            fire("OUT", [cues + bit for bit in bits], t, 5)
            fire("OUT", match, t, 6)
            continue
        cue, held = [operation.cue], stored.get(operation.cue, frozenset())
        if operation.kind == "recall":
            fire("CueCue", cue, t, 1)
            fire("ContCue", held, t, 2)
            fire("ContCondInt", [0] if held else [], t, 3)
            fire("CueCont", cue, t, 3)
            fire("MergeCue", cue, t, 4)
            fire("MergeCont", held, t, 5)
            fire("OUT", cue, t, 5)
            fire("OUT", [cues + bit for bit in held], t, 6)
            continue
        gone = held - bits
        fire("CueCue", cue, t, 1, 3)
        fire("ContCue", bits, t, 1, 3)
        fire("ContCue", gone, t, 2)
        fire("ContCond", bits, t, 2, 4)
        fire("ContCond", gone, t, 3)
        fire("ContCondInt", [0], t, 2, 4)
        fire("CueCont", cue, t, 3, 5)
        fire("ContCont", bits, t, 3, 5)
        fire("ContCont", gone, t, 4)
        fire("MergeCue", cue, t, 4, 6)
        fire("MergeCont", bits, t, 4, 6)
        fire("MergeCont", gone, t, 5)
        fire("OUT", [operation.cue, *(cues + bit for bit in bits)], t, 5, 7)
        fire("OUT", [cues + bit for bit in gone], t, 6)
        stored[operation.cue] = bits
    return spikes


def recorded(run):
    """Return the set of (population, index, millisecond) of a run, without IN."""
    return {
        (name, int(index), round(time / MS))
        for name, trains in run.spikes.items()
        if name != "IN"
        for time, index in zip(trains.times, trains.indices, strict=True)
    }


def learn(t, cue, bits):
    return Operation(kind="learn", time=t * MS, cue=cue, bits=frozenset(bits))


def recall(t, cue):
    return Operation(kind="recall", time=t * MS, cue=cue)


def search(t, bits):
    return Operation(kind="search", time=t * MS, bits=frozenset(bits))
