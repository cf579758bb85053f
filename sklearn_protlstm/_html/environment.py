"""The jinja2 environment that renders all templates of this package."""

from functools import cache

__all__ = ["make_environment"]


@cache
def make_environment(*packages):
    """Return an environment that escapes every value and finds the templates of `packages`.

    jinja2 is imported here, so that a reader of sequences does not wait for it.
    """
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    return Environment(
        autoescape=True,
        loader=ChoiceLoader([PackageLoader(package) for package in packages]),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
