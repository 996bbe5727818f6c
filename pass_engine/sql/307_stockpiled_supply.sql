-- Purpose: Supplies of exposures with stockpiling: one that starts before the stock of the same substance is used up begins
--     the day after it, put off by no more days than the protocol allows. Its length stays what it is.
-- Reads: supply, exposure_rule
-- Writes: stockpiled_supply
-- Grain: one row a person, exposure, substance and supply
-- Binds: none
-- Days: both ends count; equal supplies of one day are one
WITH RECURSIVE single AS (
    SELECT DISTINCT s.person_no, s.exposure, s.substance, s.supply_start, s.supply_end, r.stockpile_max_days AS most_days
    FROM supply AS s
    JOIN exposure_rule AS r ON r.exposure = s.exposure
    WHERE r.stockpiling
),
numbered AS (
    SELECT
        person_no, exposure, substance, supply_start, supply_end, most_days,
        row_number() OVER (
            PARTITION BY person_no, exposure, substance ORDER BY supply_start, supply_end
        ) AS supply_no
    FROM single
),
put_off AS (
    SELECT
        person_no, exposure, substance, supply_no, supply_start, supply_end, supply_start AS span_start,
        supply_end AS covered_until
    FROM numbered
    WHERE supply_no = 1
    UNION ALL
    SELECT
        n.person_no, n.exposure, n.substance, n.supply_no, n.supply_start, n.supply_end,
        greatest(n.supply_start, least(p.covered_until + 1, n.supply_start + n.most_days)) AS span_start,
        greatest(
            p.covered_until,
            n.supply_end + CAST(greatest(least(
                date_diff('day', n.supply_start, p.covered_until) + 1, n.most_days), 0) AS INTEGER)
        ) AS covered_until
    FROM put_off AS p
    JOIN numbered AS n
        ON n.person_no = p.person_no AND n.exposure = p.exposure AND n.substance = p.substance
        AND n.supply_no = p.supply_no + 1
)
SELECT
    person_no,
    exposure,
    substance,
    span_start,
    supply_end + CAST(date_diff('day', supply_start, span_start) AS INTEGER) AS span_end,
    supply_start < span_start AS is_put_off
FROM put_off
