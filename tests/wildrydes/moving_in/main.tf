variable "threshold" {
  default = 100
}

locals {
  alarms = "ride-alarms"
}

resource "aws_kinesis_stream" "readings" {
  name        = "readings"
  shard_count = 1
}

data "aws_s3_bucket" "stables" {
  bucket = "stables"
}

resource "aws_kinesis_analytics_application" "rides" {
  name = local.alarms

  code = <<-SQL
    -- Tired unicorns.
    CREATE OR REPLACE STREAM "ALARMS" ("Name" VARCHAR(16), POINTS SMALLINT);
    CREATE OR REPLACE PUMP "ALARM_PUMP" AS INSERT INTO "ALARMS"
    SELECT STREAM "Name", "HealthPoints" FROM "RIDES_001" WHERE "HealthPoints" < ${var.threshold};
  SQL

  inputs {
    name_prefix = "RIDES"

    kinesis_stream {
      resource_arn = aws_kinesis_stream.readings.arn
      role_arn     = aws_iam_role.rides.arn
    }

    schema {
      record_columns {
        name     = "Name"
        sql_type = "VARCHAR(16)"
        mapping  = "$.Name"
      }
      record_columns {
        name     = "HealthPoints"
        sql_type = "SMALLINT"
        mapping  = "$.HealthPoints"
      }
      record_encoding = "UTF-8"
      record_format {
        mapping_parameters {
          json {
            record_row_path = "$"
          }
        }
      }
    }
  }

  outputs {
    name = "ALARMS"
    schema {
      record_format_type = "CSV"
    }
    kinesis_stream {
      resource_arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/${local.alarms}"
      role_arn     = aws_iam_role.rides.arn
    }
  }

  reference_data_sources {
    table_name = "HERDS"
    s3 {
      bucket_arn = data.aws_s3_bucket.stables.arn
      file_key   = "herds/herds.csv"
      role_arn   = aws_iam_role.rides.arn
    }
    schema {
      record_columns {
        name     = "Name"
        sql_type = "VARCHAR(16)"
      }
      record_columns {
        name     = "Herd"
        sql_type = "VARCHAR(16)"
      }
      record_format {
        mapping_parameters {
          csv {
            record_column_delimiter = ","
            record_row_delimiter    = "\n"
          }
        }
      }
    }
  }
}
