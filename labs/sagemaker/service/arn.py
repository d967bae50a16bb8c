"""Amazon Resource Names of what is here."""

ACCOUNT = "000000000000"
REGION = "us-east-1"


def arn(kind: str, name: str) -> str:
    """`arn:aws:sagemaker:us-east-1:000000000000:training-job/digits`; names are in lower case."""
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{kind}/{name.lower()}"
