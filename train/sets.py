"""What distinguishes the two models: data, network size, noise schedule, prediction type. The other scripts go by this table only."""
import math
from dataclasses import dataclass
from typing import Callable

import numpy as np

import data

TRAIN_STEPS = 1000


def linear_betas():
    """DDPM's betas, 1e-4 to 0.02 (Ho et al. 2020). float64 [1000]."""
    return np.linspace(1e-4, 0.02, TRAIN_STEPS)


def cosine_betas():
    """Nichol & Dhariwal 2021, eq. 17: abar(t) = cos^2((t + 0.008) / 1.008 pi / 2), betas capped at 0.999. float64 [1000]."""
    abar = lambda t: math.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2
    return np.array([min(1 - abar((i + 1) / TRAIN_STEPS) / abar(i / TRAIN_STEPS), 0.999) for i in range(TRAIN_STEPS)])


@dataclass(frozen=True)
class ModelSet:
    name: str
    load: Callable  # folder -> images, labels
    channels: int
    labels: list  # class names; the label after the last one means "no class"
    width: int  # of the network's first level
    betas: Callable
    prediction: str  # epsilon or v_prediction, as diffusers names them
    flips: bool  # mirror images at random; never of the classes Symbols and Flags
    scheduler: dict  # what scheduler_config.json says beside the schedule

    @property
    def classes(self):
        return len(self.labels)

    def abar(self):
        """alpha_t^2 at the 1,000 training times, float64 [1000]."""
        return np.cumprod(1 - self.betas())

    def target(self, clean, noise, alpha, sigma):
        """What the network learns to give: eps, or v = alpha eps - sigma x0."""
        return noise if self.prediction == "epsilon" else alpha * noise - sigma * clean

    def clean(self, noisy, output, alpha, sigma):
        """x0 from the network's output: the inverse of `target`."""
        return (noisy - sigma * output) / alpha if self.prediction == "epsilon" else alpha * noisy - sigma * output


SETS = {
    "digits": ModelSet("digits", data.digits, 1, [str(i) for i in range(10)], 32, linear_betas, "epsilon", False,
                       {"_class_name": "DPMSolverSinglestepScheduler", "solver_order": 3, "beta_schedule": "linear", "beta_start": 1e-4, "beta_end": 0.02}),
    "emoji": ModelSet("emoji", data.emoji, 3, data.EMOJI_CATEGORIES, 48, cosine_betas, "v_prediction", True,
                      {"_class_name": "DPMSolverMultistepScheduler", "solver_order": 2, "beta_schedule": "squaredcos_cap_v2"}),
}
