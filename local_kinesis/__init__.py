"""An embedded Kinesis endpoint: laptops, tests, load runs."""
