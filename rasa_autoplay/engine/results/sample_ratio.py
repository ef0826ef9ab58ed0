"""Did chance divide the users as it should? If not, the comparison cannot be trusted.

A test that may be repeated at every look: the Bayes factor of "another probability" against "the stored
probability" is an e-process, so it exceeds 1,000 at any time with a probability below 0.001 if all is well.
See Lindon and Malek, "Anytime-Valid Inference for Multinomial Count Data", NeurIPS 2022, arXiv:2011.03567.
A chi-square test at each look would raise false alarms more often than its p says.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec

from rasa_autoplay.engine.results.uplift import Stratum

__all__ = ["SampleRatio", "sample_ratio_of"]

#: Below this, the shares of the arms are not what they should be.
_ALARM_P = 0.001
#: How strongly the alternative is concentrated around the stored probability. Larger values find smaller
#: deviations, but later.
_CONCENTRATION = 100.0


class SampleRatio(msgspec.Struct, frozen=True):
    """The check of an experiment's arms.

    Args:
        p: the probability, at most, of such a deviation at any look so far if all is well.
        treated: how many users have the offer.
        expected: how many of them should have it.
        users: the number of users of both arms.
    """

    p: float
    treated: int
    expected: float
    users: int

    @property
    def is_alarming(self) -> bool:
        """Whether something other than chance divides the users."""
        return self.p < _ALARM_P


def sample_ratio_of(strata: Iterable[Stratum]) -> SampleRatio:
    """Check the sizes of the arms; whether users reached the goal does not matter.

    Args:
        strata: all users that chance has divided so far, also those whose time for the goal is not over.
    """
    used = list(strata)
    evidence = sum(_log_bayes_factor(s.probability, s.treated.users, s.control.users) for s in used)
    return SampleRatio(
        p=math.exp(min(-evidence, 0.0)),
        treated=sum(stratum.treated.users for stratum in used),
        expected=sum(stratum.probability * stratum.users for stratum in used),
        users=sum(stratum.users for stratum in used),
    )


def _log_bayes_factor(probability: float, treated: int, control: int) -> float:
    """The logarithm of the likelihood under a beta prior, divided by that under the stored probability."""
    prior = _CONCENTRATION * probability, _CONCENTRATION * (1 - probability)
    mixture = _log_beta(prior[0] + treated, prior[1] + control) - _log_beta(*prior)
    return mixture - treated * math.log(probability) - control * math.log(1 - probability)


def _log_beta(one: float, other: float) -> float:
    return math.lgamma(one) + math.lgamma(other) - math.lgamma(one + other)
