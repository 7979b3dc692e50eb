"""Figures that anyone can measure again, each by one documented command."""
