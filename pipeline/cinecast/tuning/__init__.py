"""Choose the settings of forecasters on the validation span, with the grids of the papers or by optuna."""
