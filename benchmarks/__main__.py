"""Runs every benchmark, one after the other."""

from __future__ import annotations

from benchmarks import (
    beside_bullmq,
    beside_sharp,
    gallery,
    idle_pick_up,
    import_photos,
    large_queue,
    pick_up,
    record_files,
    window,
)

QUEUE = (record_files, pick_up, idle_pick_up, large_queue, beside_bullmq)

if __name__ == "__main__":
    for benchmark in (import_photos, *QUEUE, gallery, window, beside_sharp):
        benchmark.main()
