"""What stands for SageMaker's built-in XGBoost: the programs `train` and `serve` of its image."""
