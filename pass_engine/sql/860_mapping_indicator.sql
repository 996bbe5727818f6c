-- Purpose: Indicators of the mapping, of what the study requires, and of source data verification.
-- Reads: column_tally, mapping_loss, date_column, required_variable, verification
-- Writes: mapping_indicator
-- Grain: one row an indicator
-- Binds: none
-- Days: none counted
WITH present AS (
    SELECT CAST(coalesce(sum(present_count), 0) AS BIGINT) AS value_count
    FROM column_tally
),
lost AS (
    SELECT CAST(coalesce(sum(row_count), 0) AS BIGINT) AS value_count
    FROM mapping_loss
    WHERE reason IN ('unreadable date', 'unreadable number', 'unknown code')
),
dated AS (
    SELECT
        CAST(coalesce(sum(t.present_count), 0) AS BIGINT) AS value_count,
        CAST(coalesce(sum(t.partial_count), 0) AS BIGINT) AS partial_count
    FROM column_tally AS t
    JOIN date_column AS d ON d.table_name = t.table_name AND d.column_name = t.column_name
),
required AS (
    SELECT count(*) AS variables, count(CASE WHEN 10 * t.present_count >= 8 * t.row_count THEN 1 END) AS there
    FROM required_variable AS r
    LEFT JOIN column_tally AS t ON t.table_name = r.table_name AND t.column_name = r.column_name
),
verified AS (
    SELECT
        CAST(coalesce(sum(checked), 0) AS BIGINT) AS checked,
        CAST(coalesce(sum(errors), 0) AS BIGINT) AS errors
    FROM verification
)
SELECT 'values_lost' AS indicator, l.value_count AS numerator, p.value_count + l.value_count AS denominator
FROM present AS p CROSS JOIN lost AS l
UNION ALL
SELECT 'partial_dates' AS indicator, partial_count AS numerator, value_count AS denominator FROM dated
UNION ALL
SELECT 'required_variables' AS indicator, there AS numerator, variables AS denominator FROM required
UNION ALL
SELECT 'verification_errors' AS indicator, errors AS numerator, checked AS denominator FROM verified
