-- The three zones of a hundredth of a degree with the most readings, every half minute. The text of a
-- zone is its south-west corner; of equally many readings the first in order comes first.
CREATE OR REPLACE STREAM "TOP_ZONES" (ZONE VARCHAR(16), READINGS BIGINT);
CREATE OR REPLACE PUMP "TOP_ZONES_PUMP" AS INSERT INTO "TOP_ZONES"
SELECT STREAM CAST(ITEM AS VARCHAR(16)), CAST(ITEM_COUNT AS BIGINT)
FROM TABLE(TOP_K_ITEMS_TUMBLING(
  CURSOR(SELECT STREAM CAST(CAST(FLOOR("Latitude" * 100) / 100 AS DECIMAL(5,2)) AS VARCHAR(7))
      || ' ' || CAST(CAST(FLOOR("Longitude" * 100) / 100 AS DECIMAL(5,2)) AS VARCHAR(7)) AS ZONE
    FROM "SOURCE_SQL_STREAM_001"),
  'ZONE', 3, 30));
