"""The filter of attention, emotion and resilience: unequal evidence becomes one state with honest variances."""
