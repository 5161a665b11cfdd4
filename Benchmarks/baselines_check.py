"""Scores clseq's baselines by an independent implementation, whole matrices at a time.

    pip install numpy scipy
    python baselines_check.py LOG [--seen allow]     # HR@10 and NDCG@10 of each baseline
    python baselines_check.py --make-fixture FOLDER  # writes baselines.{inter,txt,json} there

LOG is `user item` text in time order or a RecBole .inter file with timestamps. The protocol:
leave-one-out, full ranking, ties count against the target; seen items are no candidates, and a
repeated target is missed, or with --seen allow all items are candidates.
clseq's figures must agree to four digits; Tests/ClseqDataTests/BaselineTests.swift asks it of the
fixture. The definitions are those of the documentation comments in Sources/ClseqData/Baselines.
"""

import argparse
import functools
import json
import pathlib

import numpy as np
import scipy.sparse as sp

CHUNK = 512  # users scored at a time


class Log:
    """Events in time order as arrays: user, item (both from 0), time (None if the log has none)."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as lines:
            if path.endswith(".inter"):
                columns = [name.split(":")[0] for name in next(lines).rstrip("\n").split("\t")]
                rows = [line.rstrip("\n").split("\t") for line in lines if line.strip()]
                users, items, times = ([row[columns.index(name)] for row in rows]
                                       for name in ("user_id", "item_id", "timestamp"))
                time = np.array(times, float)
            else:
                users, items = zip(*(line.split() for line in lines if line.strip()))
                time = None
        order = np.argsort(time, kind="stable") if time is not None else np.arange(len(users))
        self.user = np.unique(users, return_inverse=True)[1][order]
        # Items are numbered by their first event: neighbours of equal likeness rank in this order.
        names, first, item = np.unique(np.array(items)[order], return_index=True,
                                       return_inverse=True)
        self.item = np.argsort(np.argsort(first))[item]
        self.item_count = len(names)
        self.time = time[order] if time is not None else None
        # How many events of the same user come after each.
        by_user = np.argsort(self.user, kind="stable")
        count = np.bincount(self.user)
        place = np.empty(len(by_user), int)
        place[by_user] = np.arange(len(by_user)) - np.repeat(np.cumsum(count) - count, count)
        self.after = count[self.user] - 1 - place
        self.kept = count[self.user] >= 3
        self.user_count = len(count)

    def training(self):
        return self.kept & (self.after >= 2)

    def matrix(self, chosen):
        """Users by items, the number of chosen events of each pair."""
        ones = np.ones(chosen.sum())
        return sp.csr_matrix((ones, (self.user[chosen], self.item[chosen])),
                             (self.user_count, self.item_count))


class Task:
    """Who is ranked by what: `distance` 1 is the test, 2 the validation."""

    def __init__(self, log, distance):
        self.log, self.distance = log, distance
        self.past = log.kept & (log.after >= distance)
        target, last = (log.kept & (log.after == place) for place in (distance - 1, distance))
        self.users, self.targets = log.user[target], log.item[target]
        self.seen = (log.matrix(self.past) > 0).astype(float).tocsr()
        self.last = np.zeros(log.user_count, int)
        self.last[log.user[last]] = log.item[last]

    def ranks(self, scores, seen):
        """Ranks from `scores(users)`, a dense [users, items] array, a chunk of users at a time.

        With `seen` "exclude" a target that was seen has an infinite rank."""
        result = []
        for start in range(0, len(self.users), CHUNK):
            users, targets = (a[start:start + CHUNK] for a in (self.users, self.targets))
            rows = np.arange(len(users))
            table = np.broadcast_to(scores(users), (len(users), self.log.item_count)).copy()
            best = table[rows, targets]
            missed = np.zeros(len(users), bool)
            if seen == "exclude":
                was_seen = self.seen[users].toarray() > 0
                table[was_seen] = -np.inf
                missed = was_seen[rows, targets]
            result.append(np.where(missed, np.inf, (table >= best[:, None]).sum(axis=1)))
        return np.concatenate(result)


def popularity(log, _):
    counts = np.bincount(log.item[log.training()], minlength=log.item_count).astype(float)
    return lambda users: counts


def recent_popularity(log, _, half_life=0.1):
    chosen = log.training()
    if log.time is not None:
        times = log.time[chosen]
        later = len(times) - np.searchsorted(np.sort(times), times, side="right")
        age = later / len(times)
    else:
        lengths = np.bincount(log.user[chosen], minlength=log.user_count)
        age = (log.after[chosen] - 2) / lengths[log.user[chosen]]
    order = np.argsort(-age, kind="stable")
    scores = np.zeros(log.item_count)
    np.add.at(scores, log.item[chosen][order], np.exp2(-age[order] / half_life))
    return lambda users: scores


def repeat(log, task):
    def scores(users):
        row = np.full(log.user_count, -1)
        row[users] = np.arange(len(users))
        events = task.past & (row[log.user] >= 0)
        table = np.zeros((len(users), log.item_count))
        age = log.after[events] - task.distance
        np.maximum.at(table, (row[log.user[events]], log.item[events]), 1 / (1 + age))
        return table
    return scores


def markov(log, task):
    chosen = log.training()
    order = np.lexsort((-log.after[chosen], log.user[chosen]))
    users, items = log.user[chosen][order], log.item[chosen][order]
    same = users[1:] == users[:-1]
    counts = sp.csr_matrix((np.ones(same.sum()), (items[:-1][same], items[1:][same])),
                           (log.item_count, log.item_count))
    popular = np.bincount(items, minlength=log.item_count)
    tie_break = popular / (1 + popular.max())
    return lambda users: counts[task.last[users]].toarray() + tie_break


def item_knn(log, task, neighbours=100, shrinkage=0):
    held = (log.matrix(log.training()) > 0).astype(float)
    counts = np.asarray(held.sum(axis=0)).ravel()
    shared = (held.T @ held).tocsr()
    indices, values, starts = [], [], [0]
    for item in range(log.item_count):
        row = shared[item]
        others, both = row.indices, row.data
        others, both = others[row.indices != item], both[row.indices != item]
        likeness = (both / (np.sqrt(counts[item] * counts[others]) + shrinkage)).astype(np.float32)
        nearest = np.lexsort((others, -likeness))[:neighbours]
        indices.append(others[nearest])
        values.append(likeness[nearest].astype(float))
        starts.append(starts[-1] + len(nearest))
    likeness = sp.csr_matrix((np.concatenate(values), np.concatenate(indices), starts),
                             (log.item_count, log.item_count))
    return lambda users: (task.seen[users] @ likeness).toarray()


BASELINES = {
    "popularity": popularity,
    "recent-popularity": recent_popularity,
    "repeat": repeat,
    "markov": markov,
    "item-knn": item_knn,
}
# Other settings than the house's, for the fixture: there neighbours are cut and shrunk.
VARIANTS = {
    "recent-popularity (half-life 0.5)": functools.partial(recent_popularity, half_life=0.5),
    "item-knn (5 neighbours, shrinkage 2.0)": functools.partial(
        item_knn, neighbours=5, shrinkage=2),
}


def evaluate(path, baselines, seen):
    """{part: {baseline: {metric: mean}}}"""
    log = Log(str(path))
    report = {}
    for part, distance in (("validation", 2), ("test", 1)):
        task = Task(log, distance)
        report[part] = {}
        for name, fit in baselines.items():
            ranks = task.ranks(fit(log, task), seen)
            hit = ranks <= 10
            report[part][name] = {
                "HR@10": float(hit.mean()),
                "NDCG@10": float((hit / np.log2(ranks + 1)).mean()),
            }
    return report


def make_fixture(folder):
    """A log with ties, repeats, equal times and short users; once with times and once without."""
    random = np.random.default_rng(7)
    rows = []
    for user in range(250):
        time, item = int(random.integers(0, 4000)), int(random.integers(0, 60))
        for _ in range(int(random.integers(1, 25))):
            rows.append((f"u{user}", f"i{item}", time))
            time += int(random.integers(0, 40))
            choice = random.random()
            if choice < 0.5:  # what often follows
                item = (3 * item + int(random.integers(0, 3))) % 60
            elif choice < 0.9:  # what is popular now
                item = (int(60 * random.random() ** 3) + time // 500) % 60
    order = random.permutation(len(rows))
    lines = [f"{user}\t{item}\t{time // 200}\n" for user, item, time in (rows[k] for k in order)]
    (folder / "baselines.inter").write_text(
        "user_id:token\titem_id:token\ttimestamp:float\n" + "".join(lines), encoding="utf-8")
    (folder / "baselines.txt").write_text(
        "".join(f"{user} {item}\n" for user, item, _ in rows), encoding="utf-8")
    report = {name: {seen: evaluate(folder / name, BASELINES | VARIANTS, seen)
                     for seen in ("exclude", "allow")}
              for name in ("baselines.inter", "baselines.txt")}
    (folder / "baselines.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("log", nargs="?", help="`user item` text or a RecBole .inter file")
    parser.add_argument("--seen", choices=["exclude", "allow"], default="exclude")
    parser.add_argument("--make-fixture", type=pathlib.Path, metavar="FOLDER")
    options = parser.parse_args()
    if options.make_fixture:
        make_fixture(options.make_fixture)
    if options.log:
        for part, baselines in evaluate(options.log, BASELINES, options.seen).items():
            for name, metrics in baselines.items():
                print(f"{part:10}  {name:17}  " + "  ".join(
                    f"{metric} {value:.4f}" for metric, value in metrics.items()))
    elif not options.make_fixture:
        parser.error("give a LOG or --make-fixture")


if __name__ == "__main__":
    main()
