"""Settings of forecasters, and the number of modes, chosen on the validation span by the papers' grids or by optuna.

In: weights (validation end, K) and frames (validation end, H, W) of a run folder that is made up to the stage
``motion``; nothing after the validation span is read.
Out: for each method and horizon every trial, and the settings and modes that were chosen, kept under ``tune/`` in the
run folder; ``tuned.toml`` with all of them, which `cinecast run` takes.
Where every run of every setting of a method diverged there is no choice: that is an error. Everything begins with
`cinecast.tuning.tune.tune_sequence`.
"""
