"""Which digit is on the picture: trained, hosted, compared and tuned as on SageMaker."""
