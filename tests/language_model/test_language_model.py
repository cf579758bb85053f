"""ResidueLanguageModel learns what comes next, and what it computes can be checked by hand."""

import numpy as np
import pytest
import torch
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_estimator
from tiny_language_models import (
    assert_same_weights,
    periodic_rows,
    random_rows,
    tiny_language_model,
)

from sklearn_protlstm import ResidueLanguageModel, SequenceEncoder
from sklearn_protlstm._checkpoints.resume import TrainingCheckpoint
from sklearn_protlstm.exceptions import CheckpointMismatchError


def test_next_and_previous_residue_of_a_cycle_are_learned():
    model = tiny_language_model(max_epochs=80).fit(periodic_rows())
    assert model.perplexity(periodic_rows(seed=1)) < 1.2


def test_perplexity_of_random_residues_is_the_size_of_the_alphabet():
    model = tiny_language_model(max_epochs=3).fit(random_rows(400, n_residues=4))
    assert model.perplexity(random_rows(400, n_residues=4, seed=1)) == pytest.approx(4, abs=0.1)


def test_perplexity_is_the_exponential_of_the_negative_score():
    model = tiny_language_model().fit(periodic_rows())
    X = periodic_rows(seed=1)
    assert model.perplexity(X) == pytest.approx(np.exp(-model.score(X)))


def test_score_counts_residues_not_proteins():
    model = tiny_language_model().fit(periodic_rows())
    long, short = periodic_rows(1), random_rows(1, length=3)
    short = np.pad(short, ((0, 0), (0, long.shape[1] - 3)))
    n_long = np.count_nonzero(long) - 1
    expected = (n_long * model.score(long) + 2 * model.score(short)) / (n_long + 2)
    assert model.score(np.vstack([long, short])) == pytest.approx(expected)


def test_score_without_anything_to_predict_is_nan():
    model = tiny_language_model().fit(periodic_rows())
    X = np.zeros((1, model.n_features_in_), dtype=np.uint8)
    X[0, 0] = 2
    assert np.isnan(model.score(X))


def test_features_do_not_depend_on_the_other_proteins():
    X = periodic_rows()
    model = tiny_language_model().fit(X)
    together = model.transform(X)
    assert together.shape == (len(X), 6 * model.hidden_size)
    assert together.dtype == np.float32
    alone = np.vstack([model.transform(X[[row]]) for row in range(5)])
    np.testing.assert_allclose(alone, together[:5], atol=1e-6)
    assert len(model.get_feature_names_out()) == together.shape[1]


def test_last_states_depend_on_the_order_of_the_residues():
    model = tiny_language_model().fit(periodic_rows())
    X = periodic_rows(4)
    lengths = np.count_nonzero(X, axis=1)
    swapped = X.copy()
    for row, length in enumerate(lengths):
        swapped[row, :length] = X[row, :length][::-1]
    features, others = model.transform(X), model.transform(swapped)
    assert np.abs(features - others).max() > 0.01


def test_long_proteins_are_read_in_crops_for_training_and_whole_for_features():
    X = random_rows(8, length=40)
    cropped = tiny_language_model(crop_length=10).fit(X)
    lengths = cropped.net_.history[-1, "batches", :, "train_batch_size"]
    assert sum(lengths) == 32
    assert cropped.transform(X).shape == (8, 6 * cropped.hidden_size)


def test_result_does_not_depend_on_the_number_of_threads():
    models = []
    before = torch.get_num_threads()
    for n_threads in (1, 2, 4):
        torch.set_num_threads(n_threads)
        try:
            models.append(tiny_language_model().fit(periodic_rows(40)))
        finally:
            torch.set_num_threads(before)
    assert_same_weights(models[0], models[1])
    assert_same_weights(models[0], models[2])


def test_order_and_copies_of_proteins_have_no_effect():
    X = periodic_rows(20)
    one = tiny_language_model().fit(X)
    assert_same_weights(one, tiny_language_model().fit(X[::-1]))
    assert_same_weights(one, tiny_language_model().fit(np.vstack([X, X])))


def test_interrupted_training_resumes_to_the_same_weights(tmp_path, monkeypatch):
    X = periodic_rows()
    whole = tiny_language_model(max_epochs=4).fit(X)
    write, epochs = TrainingCheckpoint.on_epoch_end, []

    def stop_after_two_epochs(checkpoint, net, **kwargs):
        write(checkpoint, net, **kwargs)
        epochs.append(len(net.history))
        if len(epochs) == 2:
            raise RuntimeError("the power fails")

    with monkeypatch.context() as patched:
        patched.setattr(TrainingCheckpoint, "on_epoch_end", stop_after_two_epochs)
        with pytest.raises(RuntimeError, match="the power fails"):
            tiny_language_model(max_epochs=4, checkpoint_dir=tmp_path).fit(X)
    resumed = tiny_language_model(max_epochs=4, checkpoint_dir=tmp_path, resume=True).fit(X)
    assert resumed.n_iter_ == 4
    assert_same_weights(whole, resumed)


def test_checkpoint_of_other_proteins_is_refused(tmp_path):
    tiny_language_model(checkpoint_dir=tmp_path).fit(periodic_rows())
    other = tiny_language_model(checkpoint_dir=tmp_path, resume=True)
    with pytest.raises(CheckpointMismatchError, match="sequences"):
        other.fit(periodic_rows(seed=1))


def test_partial_fit_continues_the_training():
    X = periodic_rows()
    model = tiny_language_model(max_epochs=5).fit(X)
    before = model.score(X)
    for _ in range(20):
        model.partial_fit(X)
    assert model.n_iter_ == 25
    assert model.score(X) > before


def test_partial_fit_uses_the_present_learning_rate():
    model = tiny_language_model().fit(periodic_rows())
    model.set_params(lr=1e-12, weight_decay=0.0)
    before = model.transform(periodic_rows())
    model.partial_fit(periodic_rows())
    np.testing.assert_allclose(model.transform(periodic_rows()), before, atol=1e-6)


def test_partial_fit_can_come_first():
    model = tiny_language_model().partial_fit(periodic_rows())
    assert model.n_iter_ == 1
    assert np.isfinite(model.score(periodic_rows()))


def test_single_residues_are_refused():
    with pytest.raises(ValueError, match=r"n_features=1, gives two residues to read \(with crop_l"):
        tiny_language_model().fit(np.full((5, 1), 3))
    with pytest.raises(ValueError, match=r"with crop_length=1\), so there is nothing to predict"):
        tiny_language_model(crop_length=1).fit(periodic_rows())


def test_pipeline_with_encoder_takes_proteins():
    model = make_pipeline(SequenceEncoder(), tiny_language_model())
    assert model.fit(["MNTQ", "AKGDK"]).transform(["MNTQ"]).shape == (1, 6 * 6)
    with pytest.raises(TypeError, match="SequenceEncoder before it"):
        tiny_language_model().fit(["MNTQ", "AKGDK"])


@pytest.mark.slow
def test_every_scikit_learn_check_passes():
    model = ResidueLanguageModel(hidden_size=4, max_epochs=2, random_state=0)
    results = check_estimator(model, on_skip=None, on_fail=None)
    failed = {r["check_name"]: r["exception"] for r in results if r["status"] == "failed"}
    assert failed == {}
    assert len(results) >= 40
