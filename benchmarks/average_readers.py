"""Write the mean of several readers' weights: of runs that began at the same one it is mostly better than each.

    python -m benchmarks.average_readers one.pt two.pt three.pt --weights 0.35 0.35 0.3 --out mean.pt

As in "Model soups" (Wortsman et al., ICML 2022) and, with the reader that they began at among them, "Robust
fine-tuning of zero-shot models" (Wortsman et al., CVPR 2022).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from benchmarks.reader_network import opened


def main() -> None:
    """Average as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("readers", type=Path, nargs="+", help="checkpoints, or graphs")
    parser.add_argument("--weights", type=float, nargs="+", help="of each; equal ones unless given")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    shares = options.weights or [1 / len(options.readers)] * len(options.readers)
    if len(shares) != len(options.readers) or abs(sum(shares) - 1) > 1e-6:
        parser.error("as many weights as readers, that make 1 together")
    networks = [opened(path) for path in options.readers]
    states = [network.state_dict() for network in networks]
    mean = {
        name: sum(share * state[name] for share, state in zip(shares, states, strict=True))
        for name in states[0]
    }
    torch.save({"state": mean, "layers": list(networks[0].layers)}, options.out)


if __name__ == "__main__":
    main()
