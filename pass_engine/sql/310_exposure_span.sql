-- Purpose: Days on which a person was treated, by named exposure.
-- Reads: supply, stockpiled_supply, exposure_rule
-- Writes: exposure_span
-- Grain: one row a person, exposure and recorded span
-- Binds: none
-- Days: both ends count; under stockpiling a span is where its supply was put off to
SELECT DISTINCT s.person_no, s.exposure, s.supply_start AS span_start, s.supply_end AS span_end
FROM supply AS s
JOIN exposure_rule AS e ON e.exposure = s.exposure
WHERE NOT e.stockpiling
UNION ALL
SELECT DISTINCT person_no, exposure, span_start, span_end
FROM stockpiled_supply
