"""CloudFront requests by operating system: Hive's script on this machine."""
