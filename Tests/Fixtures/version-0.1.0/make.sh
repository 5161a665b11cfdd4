#!/bin/bash
# Made by clseq 0.1.0 (commit 3b2b312): make.sh CLSEQ, in an empty folder. What differs by machine or time (the lock, event
# files, the first checkpoint, the folder before log.inter in config.yaml) was removed afterwards.
set -euo pipefail
"$1" generate --users 40 --items 20 --min-events 5 --max-events 10 > log.inter
"$1" prepare log.inter --output dataset
"$1" train log.inter --run run --hidden-size 8 --layers 1 --heads 1 --epochs 2 --max-length 10 --device reference
