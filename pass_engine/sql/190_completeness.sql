-- Purpose: Values missing in every column the registry supplies.
-- Reads: column_tally
-- Writes: completeness
-- Grain: one row a column
-- Binds: none
-- Days: none counted
SELECT
    'missing' AS rule_id,
    table_name,
    column_name,
    'Value missing' AS label,
    row_count AS tested,
    row_count - present_count AS failed
FROM column_tally
