"""Keras 3 on TensorFlow, told by lines on standard input what to time.

It runs in an environment of its own, since the wheel is large; ``workers.KerasWorker`` starts it.
Arguments: 1 to mask, an .npz file with the problem.
"""

import sys
import time

import keras
import numpy as np
from workers import serve


class Way:
    def __init__(self, data, masked):
        self.tokens, self.labels = data["tokens"].astype(np.int32), data["labels"]
        self.batch_size = int(data["batch_size"])
        keras.utils.set_random_seed(0)
        self.model = keras.Sequential(
            [
                keras.layers.Embedding(int(self.tokens.max()) + 1, 32, mask_zero=masked),
                keras.layers.Bidirectional(keras.layers.LSTM(int(data["hidden_size"]))),
                keras.layers.Dense(int(self.labels.max()) + 1, activation="softmax"),
            ]
        )
        self.model.compile(optimizer="adamw", loss="sparse_categorical_crossentropy")

    def train_epoch(self):
        start = time.perf_counter()
        self.model.fit(self.tokens, self.labels, batch_size=self.batch_size, epochs=1, verbose=0)
        return time.perf_counter() - start

    def predict(self):
        start = time.perf_counter()
        self.model.predict(self.tokens, batch_size=self.batch_size, verbose=0)
        return time.perf_counter() - start


def product_is_zero():
    """Multiply tiny numbers: TensorFlow's threads flush subnormal numbers without being asked."""
    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Rescaling(1e-19)])
    products = model.predict(np.full((8, 1), 1e-20, dtype=np.float32), verbose=0)
    return not products.view(np.int32).any()


def main(masked, path):
    flushes = product_is_zero()
    serve(Way(np.load(path), masked), f"keras {keras.__version__}", flushes)


if __name__ == "__main__":
    main(sys.argv[1] == "1", sys.argv[2])
