-- Purpose: Every declared indicator with its counts; one about a table that the registry does not supply counts nothing.
-- Reads: indicator_rule, person_indicator, follow_up_indicator, treatment_indicator, event_indicator, visit_indicator,
--   event_time_indicator, outside_indicator, check_indicator, mapping_indicator, mapped_table
-- Writes: indicator_count
-- Grain: one row an indicator
-- Binds: none
-- Days: none counted
WITH every AS (
    SELECT indicator, numerator, denominator FROM person_indicator
    UNION ALL
    SELECT indicator, numerator, denominator FROM follow_up_indicator
    UNION ALL
    SELECT indicator, numerator, denominator FROM treatment_indicator
    UNION ALL
    SELECT indicator, numerator, denominator FROM event_indicator
    UNION ALL
    SELECT indicator, numerator, denominator FROM visit_indicator
    UNION ALL
    SELECT indicator, numerator, denominator FROM event_time_indicator
    UNION ALL
    SELECT indicator, numerator, denominator FROM outside_indicator
    UNION ALL
    SELECT indicator, numerator, denominator FROM check_indicator
    UNION ALL
    SELECT indicator, numerator, denominator FROM mapping_indicator
)
SELECT
    i.indicator,
    CASE WHEN i.table_name = '' OR m.table_name IS NOT NULL THEN coalesce(e.numerator, 0) ELSE 0 END AS numerator,
    CASE WHEN i.table_name = '' OR m.table_name IS NOT NULL THEN coalesce(e.denominator, 0) ELSE 0 END AS denominator
FROM indicator_rule AS i
LEFT JOIN every AS e ON e.indicator = i.indicator
LEFT JOIN mapped_table AS m ON m.table_name = i.table_name
