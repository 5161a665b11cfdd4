"""Random numbers of Sources/ClseqBase/Random/CounterRandom.swift, for what must be drawn as clseq does."""


class CounterRandom:
    """SplitMix64 as a function of a key and a counter."""

    MASK = 2**64 - 1
    INCREMENT = 0x9E3779B97F4A7C15

    def __init__(self, seed, *words):
        self.key = self.mixed(seed + self.INCREMENT)
        for word in words:
            self.key = self.mixed(self.key ^ self.mixed(word + self.INCREMENT))

    @classmethod
    def mixed(cls, word):
        word &= cls.MASK
        word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9 & cls.MASK
        word = (word ^ word >> 27) * 0x94D049BB133111EB & cls.MASK
        return word ^ word >> 31

    def bits(self, counter):
        """Sixty-four random bits."""
        return self.mixed(self.key + (counter + 1) * self.INCREMENT)

    def uniform(self, counter):
        """In [0, 1), a multiple of 2⁻⁵³."""
        return (self.bits(counter) >> 11) * 2.0**-53

    def permutation(self, count):
        """0 to count in random order."""
        return sorted(range(count), key=lambda number: (self.bits(number), number))


# As Tests/ClseqBaseTests has it.
assert CounterRandom(1, 2, 3).bits(0) == 5_649_887_244_965_920_420
