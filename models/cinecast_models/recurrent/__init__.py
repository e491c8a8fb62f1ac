"""Recurrent nets that learn online: one net, and one file for each way to its gradient."""
