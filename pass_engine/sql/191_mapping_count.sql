-- Purpose: What the mapping could not take over as it was, and how events were coded.
-- Reads: mapping_loss, column_tally, table_tally, report_coded, mapped_comorbidity, event_code, person
-- Writes: mapping_count
-- Grain: one row a rule and column
-- Binds: none
-- Days: none counted
WITH lost AS (
    SELECT table_name, column_name, CAST(sum(row_count) AS BIGINT) AS lost_count
    FROM mapping_loss
    WHERE reason IN ('unreadable date', 'unreadable number', 'unknown code', 'part missing')
    GROUP BY table_name, column_name
),
coded AS (
    SELECT 'adverse_event' AS table_name, mapping_status FROM report_coded
    UNION ALL
    SELECT 'comorbidity' AS table_name, coalesce(e.mapping_status, 'unmapped') AS mapping_status
    FROM mapped_comorbidity AS m
    JOIN person AS p ON p.person_id = m.person_id
    LEFT JOIN event_code AS e ON e.code_system = m.code_system AND e.recorded_code = m.code
),
status AS (
    SELECT 'native' AS mapping_status, 'Code as recorded' AS label
    UNION ALL
    SELECT 'mapped' AS mapping_status, 'Local term, mapped by table' AS label
    UNION ALL
    SELECT 'manual' AS mapping_status, 'Local term, coded by hand' AS label
    UNION ALL
    SELECT 'unmapped' AS mapping_status, 'Without a code that its code system has' AS label
)
SELECT
    replace(m.reason, ' ', '_') AS rule_id,
    m.table_name,
    m.column_name,
    CASE m.reason
        WHEN 'unreadable date' THEN 'Date that cannot be read: taken as missing'
        WHEN 'unreadable number' THEN 'Number that cannot be read: taken as missing'
        WHEN 'unknown code' THEN 'Value without a place in the code list: taken as missing'
        WHEN 'part missing' THEN 'Value without the part, or not all columns, that the mapping asks for: taken as missing'
        WHEN 'part day rounded down' THEN 'Part of a day: rounded down'
        WHEN 'filtered by where' THEN 'Row that the mapping leaves out'
        ELSE m.reason
    END AS label,
    CASE
        WHEN m.reason = 'filtered by where' THEN t.source_rows
        ELSE c.present_count + coalesce(l.lost_count, 0)
    END AS tested,
    m.row_count AS failed
FROM mapping_loss AS m
JOIN table_tally AS t ON t.table_name = m.table_name
LEFT JOIN column_tally AS c ON c.table_name = m.table_name AND c.column_name = m.column_name
LEFT JOIN lost AS l ON l.table_name = m.table_name AND l.column_name = m.column_name
UNION ALL
SELECT
    'partial_date' AS rule_id, table_name, column_name, 'Date of a month or year only: filled by the rule' AS label,
    present_count AS tested, partial_count AS failed
FROM column_tally
WHERE partial_count > 0
UNION ALL
SELECT
    'code_' || s.mapping_status AS rule_id, c.table_name, 'code' AS column_name, s.label,
    count(*) AS tested, count(CASE WHEN c.mapping_status = s.mapping_status THEN 1 END) AS failed
FROM coded AS c
CROSS JOIN status AS s
GROUP BY s.mapping_status, s.label, c.table_name
