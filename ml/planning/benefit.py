"""What a technique is expected to give one person: prior from the graph, updated by the person's own ratings.

Model, in points of the 0 to 10 rating. Technique t, mechanisms m with unit weights w_tm from the graph:

    theta_t = mu_t + b + sum_m w_tm u_m + v_t        b ~ N(0, PERSON^2)  u_m ~ N(0, MECHANISM^2)  v_t ~ N(0, OWN^2)
    gain_i  = theta_t(i) + e_i                       e_i ~ N(0, NOISE^2 * 2^(age_i / HALF_LIFE))

mu_t = FLOOR + SPAN * worth_t, where worth_t in [0, 1] is how well the graph's paths answer the person's needs. So one
rating also moves the techniques that share its mechanisms, and a little all others. With K the prior covariance, y the
weighted mean gains of the rated techniques o and D the diagonal of their variances, the posterior is Gaussian:

    mean = mu + K_.o (K_oo + D)^-1 (y - mu_o)        covariance = K - K_.o (K_oo + D)^-1 K_o.

Sources: Lindley and Smith 1972 (Bayes estimates for the linear model); Rasmussen and Williams 2006, equations 2.23 and
2.24; older ratings weigh less by a power prior (Ibrahim and Chen 2000). How likely a step is done at all is a
Beta-binomial estimate (Gelman et al., Bayesian Data Analysis, section 2.4), with the prior mean from effort and length.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ml.planning.graph import Array, Graph
from ml.planning.inputs import FollowedSeen, OthersSeen, RatingSeen

FLOOR, SPAN = 0.2, 1.5
PERSON, MECHANISM, OWN = 0.4, 0.6, 0.8
NOISE, HALF_LIFE_DAYS = 1.6, 42.0
# Between techniques over people, and between people in one technique; means over fewer people are not used.
BETWEEN, WITHIN, FEWEST_OTHERS = 0.4, 1.6, 20
# One very good or very bad day must not decide alone.
MOST_GAIN = 5.0
# The weight, in days on which it was due, of what effort and length let us expect about doing it.
PRIOR_GOES = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """Mean and covariance of the benefit of every technique, in the order of `graph.place`."""

    graph: Graph
    mean: Array
    covariance: Array

    def of(self, technique: str) -> tuple[float, float]:
        """Expected benefit of one technique and its standard deviation."""
        place = self.graph.place[technique]
        return float(self.mean[place]), math.sqrt(max(0.0, float(self.covariance[place, place])))

    def chance_above(self, technique: str, points: float) -> float:
        """Probability that its benefit exceeds `points`."""
        mean, deviation = self.of(technique)
        return 0.5 * math.erfc((points - mean) / (deviation * math.sqrt(2.0))) if deviation else float(mean > points)

    def sample(self, seed: int, bound: float) -> Array:
        """One draw of all benefits (Thompson 1933), no further than `bound` standard deviations from the mean."""
        draw = np.random.default_rng(seed).standard_normal(len(self.mean))
        root = np.linalg.cholesky(self.covariance + 1e-9 * np.eye(len(self.mean)))
        reach = bound * np.sqrt(np.diag(self.covariance))
        moved: Array = self.mean + np.clip(root @ draw, -reach, reach)
        return moved


def believe(
    graph: Graph, worth: Mapping[str, float], ratings: Sequence[RatingSeen], others: Sequence[OthersSeen] = ()
) -> Belief:
    """The posterior. `worth` of a technique that is not named is 0; ratings of unknown techniques are passed over."""
    mean = FLOOR + _from_others(graph, others)
    for technique, value in worth.items():
        mean[graph.place[technique]] += SPAN * value
    covariance = _prior_covariance(graph)
    weights, sums = np.zeros(len(mean)), np.zeros(len(mean))
    for rating in ratings:
        place = graph.place.get(rating.technique)
        if place is not None:
            weight = 2.0 ** (-max(0, rating.days_ago) / HALF_LIFE_DAYS)
            weights[place] += weight
            sums[place] += weight * min(MOST_GAIN, max(-MOST_GAIN, rating.gain))
    rated = np.flatnonzero(weights)
    if not len(rated):
        return Belief(graph, mean, covariance)
    across = covariance[:, rated]
    spread = covariance[np.ix_(rated, rated)] + np.diag(NOISE**2 / weights[rated])
    gain = np.linalg.solve(spread, across.T).T
    return Belief(graph, mean + gain @ (sums[rated] / weights[rated] - mean[rated]), covariance - gain @ across.T)


def _prior_covariance(graph: Graph) -> Array:
    shared: Array = MECHANISM**2 * (graph.shares @ graph.shares.T) + PERSON**2
    return shared + OWN**2 * np.eye(len(shared))


def _from_others(graph: Graph, others: Sequence[OthersSeen]) -> Array:
    """How much more than the average technique each gave others, shrunk where few (James and Stein 1961)."""
    shift = np.zeros(len(graph.place))
    seen = [one for one in others if one.technique in graph.place and one.people >= FEWEST_OTHERS]
    whole = sum(one.people for one in seen)
    for one in seen:
        average = sum(other.gain * other.people for other in seen) / whole
        shift[graph.place[one.technique]] = (one.gain - average) * BETWEEN**2 / (BETWEEN**2 + WITHIN**2 / one.people)
    return shift


def chances_of_doing(fits: Mapping[str, float], followed: Sequence[FollowedSeen]) -> dict[str, float]:
    """How likely each technique is done when it is due: `fits` in (0, 1] from effort and length, then the record.

    A person who does much or little altogether says nothing about one technique, so the prior is first moved to them.
    """
    rows = {one.technique: (max(0, one.offered), max(0, min(one.done, one.offered))) for one in followed}
    expected = sum(fits.get(name, 1.0) * offered for name, (offered, _) in rows.items())
    keenness = (PRIOR_GOES + sum(done for _, done in rows.values())) / (PRIOR_GOES + expected)
    found = {}
    for name, fit in fits.items():
        offered, done = rows.get(name, (0, 0))
        found[name] = (PRIOR_GOES * min(1.0, fit * keenness) + done) / (PRIOR_GOES + offered)
    return found
