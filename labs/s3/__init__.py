"""Who may read a file on S3: closed, opened by a policy, its versions, a page."""
