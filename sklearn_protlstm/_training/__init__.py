"""Training and prediction: data, batches, the skorch net, callbacks, threads and devices."""
