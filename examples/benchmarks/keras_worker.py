"""Keras 3 on TensorFlow, told by lines on standard input what to time.

It runs in an environment of its own, since the wheel is large; ``rivals.KerasWorker`` starts it.
Arguments: an .npz file with ``tokens`` and ``labels``, hidden size, batch size, 1 to mask.
"""

import sys
import time

import keras
import numpy as np


def make_model(n_tokens, n_classes, hidden_size, masked):
    return keras.Sequential(
        [
            keras.layers.Embedding(n_tokens, 32, mask_zero=masked),
            keras.layers.Bidirectional(keras.layers.LSTM(hidden_size)),
            keras.layers.Dense(n_classes, activation="softmax"),
        ]
    )


def main(path, hidden_size, batch_size, masked):
    data = np.load(path)
    tokens, labels = data["tokens"].astype(np.int32), data["labels"]
    keras.utils.set_random_seed(0)
    model = make_model(int(tokens.max()) + 1, int(labels.max()) + 1, hidden_size, masked)
    model.compile(optimizer="adamw", loss="sparse_categorical_crossentropy")
    print(f"keras {keras.__version__}", flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        if line.strip() == "train":
            model.fit(tokens, labels, batch_size=batch_size, epochs=1, verbose=0)
        else:
            model.predict(tokens, batch_size=batch_size, verbose=0)
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "1")
