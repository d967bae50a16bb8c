"""A bucket policy, as the policy generator of the S3 console writes it. Pure."""

from typing import Any, Final

VERSION: Final = "2012-10-17"
"""Of the policy language; the only one with variables (IAM user guide, "Version")."""


def public_read_policy(bucket: str, *, versions: bool = False) -> dict[str, Any]:
    """Everybody may get the objects of `bucket`, with `versions` their older versions too."""
    actions = ["s3:GetObject", *(["s3:GetObjectVersion"] if versions else [])]
    return {
        "Id": "WildrydesPublicRead",
        "Version": VERSION,
        "Statement": [
            {
                "Sid": "PublicRead",
                "Effect": "Allow",
                "Principal": "*",
                "Action": actions,
                "Resource": f"arn:aws:s3:::{bucket}/*",
            }
        ],
    }
