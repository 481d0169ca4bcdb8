"""Trains the closure model and judges it by cross-validation over writers.

    python -m tests.training.closings.train           judges, and writes weights.json
    python -m tests.training.closings.train --judge   only judges

A writer's dialogues are judged by a model that has seen none of them. The same input gives the same weights.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from atende.core.conversation.closure import trained
from atende.core.conversation.closure.features import features
from tests.training.closings.dialogues import Dialogue, blind, own
from tests.training.closings.judge import judged

WEIGHTS = Path(trained.__file__).with_name("weights.json")
STRENGTH = 0.6
"""Inverse strength of the regularization; chosen by cross-validation, which is flat from 0.3 to 1."""

SEEN_AT_LEAST = 2
"""Dialogues that a feature must occur in."""

SMALLEST = 0.008
"""Weights below it are dropped."""

SEED = 20261201


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--judge", action="store_true", help="write no weights")
    only_judge = options.parse_args().judge
    judgeable, written = blind(), own()
    names, table = _table(judgeable + written)
    labels = np.array([one.closing for one in judgeable + written])
    weights = np.array([one.weight for one in judgeable + written])
    raw = _left_out(judgeable, table, labels, weights)
    sharpness, shift = _calibration(raw, labels[: len(judgeable)])
    # The two numbers of the calibration are fitted without the writer that they are applied to, like the weights.
    probabilities = _calibrated(judgeable, raw, labels[: len(judgeable)])
    print("\n".join(judged(judgeable, [float(one) for one in probabilities])))
    if not only_judge:
        model = _fitted(table, labels, weights)
        _write(names, sharpness * model.coef_[0], float(sharpness * model.intercept_[0] + shift))


def _table(dialogues: Sequence[Dialogue]) -> tuple[list[str], csr_matrix]:
    vectors = DictVectorizer()
    table = vectors.fit_transform([features(one.end) for one in dialogues])
    often = np.asarray((table != 0).sum(axis=0)).ravel() >= SEEN_AT_LEAST
    return list(vectors.get_feature_names_out()[often]), table[:, often]


def _fitted(table: csr_matrix, labels: np.ndarray, weights: np.ndarray) -> LogisticRegression:
    model = LogisticRegression(C=STRENGTH, max_iter=2_000, tol=1e-6, random_state=SEED)
    return model.fit(table, labels, sample_weight=weights)


def _left_out(judgeable: Sequence[Dialogue], table: csr_matrix, labels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The log-odds of each dialogue, by a model that was trained without its writer."""
    writers = np.array([one.writer for one in judgeable] + [""] * (len(labels) - len(judgeable)))
    found = np.zeros(len(judgeable))
    for writer in sorted(set(writers) - {""}):
        out = writers == writer
        model = _fitted(table[~out], labels[~out], weights[~out])
        found[out[: len(judgeable)]] = model.decision_function(table[out])
    return found


def _calibration(raw: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """By how much log-odds are to be stretched and moved so that they tell how often dialogues close (Platt)."""
    fitted = LogisticRegression(C=1e6, random_state=SEED).fit(raw.reshape(-1, 1), labels)
    return float(fitted.coef_[0][0]), float(fitted.intercept_[0])


def _calibrated(judgeable: Sequence[Dialogue], raw: np.ndarray, labels: np.ndarray) -> np.ndarray:
    writers = np.array([one.writer for one in judgeable])
    found = np.zeros(len(raw))
    for writer in sorted(set(writers)):
        out = writers == writer
        sharpness, shift = _calibration(raw[~out], labels[~out])
        found[out] = 1 / (1 + np.exp(-(sharpness * raw[out] + shift)))
    return found


def _write(names: list[str], weights: np.ndarray, bias: float) -> None:
    kept = {n: round(float(w) * 1_000) for n, w in sorted(zip(names, weights, strict=True)) if abs(w) >= SMALLEST}
    text = json.dumps({"bias": round(bias, 4), "weights": kept}, ensure_ascii=False, separators=(",", ":"))
    WEIGHTS.write_text(f"{text}\n", "utf-8")
    print(f"{len(kept)} weights, {WEIGHTS.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
