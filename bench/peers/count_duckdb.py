#!/usr/bin/env python3
"""The time DuckDB needs only to count a rollout log and to sum its rewards and log-probabilities.

    count_duckdb.py LOG [--reward NAME] [--threads 2]

The floor that the audit is measured against: one pass over the same JSON Lines, three numbers of each record parsed,
no estimate. Prints {"records": ..., "reward": ..., "logp_prior": ..., "logp_policy": ...} and, to standard error, the
seconds of the query (the connection is open before the clock starts). --beta is accepted and ignored, so that both
peers take the same arguments. The columns are given, so that no time goes into guessing them.
"""

import argparse
import json
import sys
import time

import duckdb


def main():
    parser = argparse.ArgumentParser(description="Time to count and sum a rollout log with DuckDB.")
    parser.add_argument("log", help="rollout log, JSON Lines")
    parser.add_argument("--beta", type=float, help="ignored")
    parser.add_argument("--reward", metavar="NAME", help="which reward, where a record has several")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()

    name = options.reward.removeprefix("field:").replace('"', '""') if options.reward else None
    reward_type = f'STRUCT("{name}" DOUBLE)' if name else "DOUBLE"
    reward = f'reward."{name}"' if name else "reward"
    columns = {"reward": reward_type, "logp_prior": "DOUBLE", "logp_policy": "DOUBLE"}
    connection = duckdb.connect(config={"threads": options.threads})
    began = time.perf_counter()
    row = connection.execute(
        f"SELECT count(*), sum({reward}), sum(logp_prior), sum(logp_policy) "
        "FROM read_json($log, format = 'newline_delimited', columns = $columns)",
        {"log": options.log, "columns": columns},
    ).fetchone()
    seconds = time.perf_counter() - began
    print(json.dumps(dict(zip(("records", "reward", "logp_prior", "logp_policy"), row))))
    print(f"{row[0]} records: count and sum {seconds:.3f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
