-- Purpose: How many recorded rows the rules on missing stops and on stockpiling touched, where an exposure has such rules.
-- Reads: treatment, exposure_rule, exposure_substance, person_in_study, stockpiled_supply
-- Writes: supply_tally
-- Grain: one row an exposure and rule
-- Binds: none
-- Days: none counted
WITH episode AS (
    SELECT
        e.exposure, e.missing_stop,
        count(*) AS tested,
        count(CASE WHEN t.stop_date IS NULL THEN 1 END) AS failed
    FROM treatment AS t
    JOIN person_in_study AS p ON p.person_id = t.person_id
    JOIN exposure_substance AS s ON s.substance = t.substance
    JOIN exposure_rule AS e ON e.exposure = s.exposure AND e.source = 'treatment' AND e.missing_stop <> 'data_cut'
    GROUP BY e.exposure, e.missing_stop
),
put_off AS (
    SELECT exposure, count(*) AS tested, count(CASE WHEN is_put_off THEN 1 END) AS failed
    FROM stockpiled_supply
    GROUP BY exposure
)
SELECT
    'fault' AS kind,
    'stop_by_rule_' || r.exposure AS rule_id,
    'treatment' AS table_name,
    'stop_date' AS column_name,
    'Treatment of ' || r.exposure || ' without a stop: ' || CASE r.missing_stop
        WHEN 'last_contact' THEN 'ends at last contact' WHEN 'fixed_days' THEN 'lasts a fixed number of days' ELSE 'not used'
    END AS label,
    coalesce(e.tested, 0) AS tested,
    coalesce(e.failed, 0) AS failed
FROM exposure_rule AS r
LEFT JOIN episode AS e ON e.exposure = r.exposure
WHERE r.kind = 'substances' AND r.source = 'treatment' AND r.missing_stop <> 'data_cut'
UNION ALL
SELECT
    'fault' AS kind,
    'put_off_' || r.exposure AS rule_id,
    r.source AS table_name,
    CASE r.source WHEN 'treatment' THEN 'start_date' ELSE 'date' END AS column_name,
    'Supply of ' || r.exposure || ' that overlaps an earlier one: put off' AS label,
    coalesce(p.tested, 0) AS tested,
    coalesce(p.failed, 0) AS failed
FROM exposure_rule AS r
LEFT JOIN put_off AS p ON p.exposure = r.exposure
WHERE r.stockpiling
