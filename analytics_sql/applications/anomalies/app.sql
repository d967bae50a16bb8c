-- Readings that are unlike the fleet's others: how far a unicorn flew, and how its points changed since
-- its last reading. The points themselves drift, so that no value of theirs is strange in itself.
CREATE OR REPLACE STREAM "CHANGES" ("Name" VARCHAR(16), METRES DOUBLE, HEALTH_CHANGE INTEGER, MAGIC_CHANGE INTEGER);
CREATE OR REPLACE PUMP "CHANGE_PUMP" AS INSERT INTO "CHANGES"
SELECT STREAM "Name", "Distance",
  "HealthPoints" - LAG("HealthPoints", 1, "HealthPoints") OVER w,
  "MagicPoints" - LAG("MagicPoints", 1, "MagicPoints") OVER w
FROM "SOURCE_SQL_STREAM_001"
WINDOW w AS (PARTITION BY "Name" ROWS 1 PRECEDING);

-- A forest of 100 trees of 256 rows, TRUE: the explanation says which way. Ordinary readings of the
-- simulator stay below 2, what is planted among them is above 3: docs/sql/applications.md.
CREATE OR REPLACE STREAM "ANOMALIES" ("Name" VARCHAR(16), METRES DOUBLE, HEALTH_CHANGE INTEGER, MAGIC_CHANGE INTEGER,
  SCORE DOUBLE, EXPLANATION VARCHAR(512));
CREATE OR REPLACE PUMP "ANOMALY_PUMP" AS INSERT INTO "ANOMALIES"
SELECT STREAM "Name", METRES, HEALTH_CHANGE, MAGIC_CHANGE, ANOMALY_SCORE, ANOMALY_EXPLANATION
FROM TABLE(RANDOM_CUT_FOREST_WITH_EXPLANATION(CURSOR(SELECT STREAM * FROM "CHANGES"), 100, 256, 100000, 1, TRUE))
WHERE ANOMALY_SCORE > 2.5;
