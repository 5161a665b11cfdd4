#!/usr/bin/env python3
"""Coverage of the intervals and errors of the forecasts of daily counts, on generated logs with seasons.

    Benchmarks/forecast.py [--clseq BINARY] [--users 15000] [--days 1096] [--opening 196] [--origins 352]
                           [--horizon 14] [--interval 95] [--models state-space,lstm] [--seeds 1,2,3]
                           [--folder runs/forecast]

For each seed `clseq generate --seasons` writes a log, and `clseq forecast --backtest` tests the models on it from the last
origins, each --horizon days ahead. --opening leaves out the first days: all users come in the first sixth of a generated log,
after which its counts fall at once. Prints for each model and the seasonal naive forecast MASE, RMSE, coverage and mean width
of all forecasts, and the smallest and largest coverage of a seed.
"""

import argparse
import datetime
import json
import os
import subprocess

OPENED = datetime.date(2024, 1, 1)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clseq", default="clseq")
    parser.add_argument("--users", type=int, default=15_000)
    parser.add_argument("--days", type=int, default=1096)
    parser.add_argument("--opening", type=int, default=196)
    parser.add_argument("--origins", type=int, default=352)
    parser.add_argument("--horizon", type=int, default=14)
    parser.add_argument("--interval", type=float, default=95)
    parser.add_argument("--models", default="state-space,lstm")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--folder", default="runs/forecast")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    start = OPENED + datetime.timedelta(options.opening)
    end = OPENED + datetime.timedelta(options.days)
    found = {}
    for seed in options.seeds.split(","):
        log = os.path.join(options.folder, f"{options.users}-{options.days}-{seed}.inter")
        if not os.path.exists(log):
            subprocess.run([options.clseq, "generate", log, "--users", str(options.users), "--seasons", "--days",
                            str(options.days), "--seed", seed], check=True)
        result = subprocess.run(
            [options.clseq, "forecast", log, "--model", options.models, "--backtest", str(options.origins),
             "--horizon", str(options.horizon), "--interval", str(options.interval), "--times-between",
             f"{start}..{end}", "--format", "json", "--quiet"],
            check=True, stdout=subprocess.PIPE, text=True)
        for row in json.loads(result.stdout)["models"]:
            found.setdefault(row["model"], []).append(row)
    print("| model | forecasts | MASE | RMSE | coverage, % | of a seed | mean width |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for model, rows in found.items():
        def mean(name):
            return sum(row[name] for row in rows) / len(rows)

        rmse = (sum(row["rmse"] ** 2 for row in rows) / len(rows)) ** 0.5
        covered = [100 * row["coverage"] for row in rows]
        print(f"| {model} | {sum(row['days'] for row in rows)} | {mean('mase'):.3f} | {rmse:.1f} | "
              f"{100 * mean('coverage'):.1f} | {min(covered):.1f} to {max(covered):.1f} | {mean('mean_width'):.1f} |")


if __name__ == "__main__":
    main()
