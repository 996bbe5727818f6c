-- Purpose: Indicators that add up data checks, as their declaration names them.
-- Reads: quality_count, indicator_check
-- Writes: check_indicator
-- Grain: one row an indicator
-- Binds: none
-- Days: none counted
SELECT
    i.indicator,
    CAST(sum(q.failed) AS BIGINT) AS numerator,
    CAST(sum(q.tested) AS BIGINT) AS denominator
FROM indicator_check AS i
JOIN quality_count AS q ON q.rule_id = i.rule_id AND (q.table_name = i.table_name OR i.table_name = '')
GROUP BY i.indicator
