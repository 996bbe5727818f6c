-- Purpose: Days on which a person was treated, by named exposure, as recorded.
-- Reads: treatment, administration, exposure_rule, exposure_substance, registry_rule, person_in_study
-- Writes: exposure_span
-- Grain: one row a person, exposure and recorded span
-- Binds: none
-- Days: both ends count; a treatment without a stop date goes on to the data cut; a dose lasts its effect days
WITH recorded AS (
    SELECT
        t.person_id,
        t.substance,
        'treatment' AS source,
        t.start_date AS span_start,
        coalesce(t.stop_date, r.data_cut_date) AS span_end
    FROM treatment AS t
    CROSS JOIN registry_rule AS r
    UNION ALL
    SELECT
        a.person_id,
        a.substance,
        'administration' AS source,
        a.date AS span_start,
        a.date AS span_end
    FROM administration AS a
)
SELECT DISTINCT
    p.person_no,
    e.exposure,
    d.span_start,
    d.span_end + e.effect_days AS span_end
FROM recorded AS d
JOIN person_in_study AS p ON p.person_id = d.person_id
JOIN exposure_substance AS s ON s.substance = d.substance
JOIN exposure_rule AS e ON e.exposure = s.exposure AND e.source = d.source
