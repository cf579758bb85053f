"""The language model that is part of the package."""

from importlib import resources

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags

from sklearn_protlstm import (
    ProtLSTMClassifier,
    SequenceEncoder,
    load_pretrained,
    make_recommended_model,
)
from sklearn_protlstm.datasets import load_virus_hosts

DATA = resources.files("sklearn_protlstm.pretrained") / "data"


def test_model_knows_more_than_the_frequencies_of_residues():
    encoder, model = load_pretrained(device="cpu")
    # No virus was in its training. A model that only knows the frequencies has about 18.
    proteins = load_virus_hosts().data[::20]
    perplexity = model.perplexity(encoder.transform(proteins))
    tokens = encoder.transform(proteins)
    counts = np.bincount(tokens.ravel(), minlength=22)[2:]
    shares = counts / counts.sum()
    assert perplexity < np.exp(-np.sum(shares * np.log(shares))) - 0.3


def test_features_of_a_protein():
    features = load_pretrained(device="cpu").transform(["MNTQILVFIACVLIEAKGDKICL", "mnxq*"])
    assert features.shape == (2, 1536)
    assert np.isfinite(features).all()


def test_file_is_small_and_its_origin_is_told():
    assert len((DATA / "uniprot-12k.model").read_bytes()) < 6e6
    assert "CC BY 4.0" in (DATA / "PROVENANCE.md").read_text(encoding="utf-8")


def test_classifier_starts_from_it_by_name():
    sequences, hosts = ["MNTQILVFIACVLIE", "AKGDKICLMNTQILV"] * 3, ["human", "dog"] * 3
    model = make_pipeline(
        SequenceEncoder(),
        ProtLSTMClassifier(pretrained="uniprot-12k", pretrained_lr=0, max_epochs=1, random_state=0),
    ).fit(sequences, hosts)
    own = model[-1].net_.module_.state_dict()
    given = load_pretrained(device="cpu")[-1].net_.module_.state_dict()
    name = "layers.0.forward_lstm.weight_hh_l0"
    np.testing.assert_array_equal(own[name].cpu().numpy(), given[name].numpy())


def test_other_names_are_refused():
    with pytest.raises(ValueError, match=r"no pretrained model 'bert'. Choose one of"):
        load_pretrained("bert")


@pytest.mark.slow
def test_recommended_model_learns():
    data = load_virus_hosts()
    some = np.flatnonzero(np.isin(data.target, ["bacteria", "human"]))[::6]
    model = make_recommended_model(random_state=0)
    model.set_params(
        cv=2,
        lstm__protlstmclassifier__max_epochs=1,
        lstm__sequenceencoder__max_length=60,
        windows__protlstmclassifier__max_epochs=1,
        windows__sequenceencoder__max_length=200,
        attention__protlstmclassifier__max_epochs=1,
        attention__sequenceencoder__max_length=60,
    )
    model.fit(data.data[some], data.target[some], groups=data.groups[some])
    assert model.frame().shape[0] == 6
    assert np.mean(model.out_of_fold_.argmax(axis=1) == model.codes_) > 0.7


def test_every_member_of_the_recommended_model_learns_labels():
    members = make_recommended_model().estimators
    assert [name for name, _ in members] == ["kmers", "lstm", "windows", "pretrained", "attention"]
    for _, member in members:
        assert get_tags(member).classifier_tags.multi_label


def test_recommended_model_is_reproducible():
    one, other = (make_recommended_model(random_state=3) for _ in range(2))
    params = one.get_params(), other.get_params()
    seeds = [{k: v for k, v in each.items() if k.endswith("random_state")} for each in params]
    assert seeds[0] == seeds[1]
    assert len(set(seeds[0].values()) - {None}) == 4
