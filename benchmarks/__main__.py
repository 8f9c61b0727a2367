"""Runs every benchmark, one after the other."""

from __future__ import annotations

from benchmarks import beside_sharp, gallery, import_photos, pick_up, record_files, window

if __name__ == "__main__":
    for benchmark in (import_photos, record_files, pick_up, gallery, window, beside_sharp):
        benchmark.main()
