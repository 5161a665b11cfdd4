"""scikit-learn's MiniBatchKMeans, or KMeans, of the vectors of a NumPy file, as `clseq bench clusters`; prints one JSON document.

The settings are scikit-learn's own but for the number of groups and the seed. Time is counted from vectors in memory to the
group of each. Needs scikit-learn.
"""

import argparse
import json
import statistics
import time

import numpy
import sklearn
from sklearn.cluster import KMeans, MiniBatchKMeans


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vectors")
    parser.add_argument("--k", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--form", choices=["mini-batch", "whole"], default="mini-batch")
    options = parser.parse_args()
    vectors = numpy.load(options.vectors).astype(numpy.float32, copy=False)
    form = {"mini-batch": MiniBatchKMeans, "whole": KMeans}[options.form]
    seconds, inertias = [], []
    for number in range(options.rounds):
        start = time.perf_counter()
        model = form(options.k, random_state=options.seed + number).fit(vectors)
        seconds.append(time.perf_counter() - start)
        inertias.append(float(model.inertia_))
    print(json.dumps({
        "system": f"scikit-learn {form.__name__}", "version": sklearn.__version__,
        "vectors": vectors.shape[0], "width": vectors.shape[1], "clusters": options.k,
        "seconds": statistics.median(seconds), "seconds_low": min(seconds),
        "seconds_high": max(seconds), "inertias": inertias}))


if __name__ == "__main__":
    main()
