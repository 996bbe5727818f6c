-- Purpose: Spans of an exposure joined into eras: a gap of at most gap_days is bridged, unless another named
--     exposure has a day inside it.
-- Reads: exposure_span, exposure_rule, other_exposure
-- Writes: era_span
-- Grain: one row a person, exposure and recorded span, numbered by era
-- Binds: none
-- Days: both ends count; gap = next start - previous end - 1
WITH ordered AS (
    SELECT
        person_no,
        exposure,
        span_start,
        span_end,
        max(span_end) OVER (
            PARTITION BY person_no, exposure ORDER BY span_start, span_end
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS covered_until
    FROM exposure_span
),
broken AS (
    SELECT DISTINCT
        o.person_no,
        o.exposure,
        o.span_start
    FROM ordered AS o
    JOIN exposure_rule AS r ON r.exposure = o.exposure
    JOIN other_exposure AS x ON x.exposure = o.exposure
    JOIN exposure_span AS d ON d.person_no = o.person_no AND d.exposure = x.other
    WHERE
        o.covered_until + 1 < o.span_start
        AND o.covered_until + 1 + r.gap_days >= o.span_start
        AND d.span_start < o.span_start
        AND d.span_end > o.covered_until
),
marked AS (
    SELECT
        o.person_no,
        o.exposure,
        o.span_start,
        o.span_end,
        CASE
            WHEN o.covered_until IS NULL THEN 1
            WHEN b.span_start IS NOT NULL THEN 1
            WHEN date_diff('day', o.covered_until, o.span_start) - 1 > r.gap_days THEN 1
            ELSE 0
        END AS begins_era
    FROM ordered AS o
    JOIN exposure_rule AS r ON r.exposure = o.exposure
    LEFT JOIN broken AS b
        ON b.person_no = o.person_no AND b.exposure = o.exposure AND b.span_start = o.span_start
        AND o.covered_until < o.span_start
),
numbered AS (
    SELECT
        person_no,
        exposure,
        span_start,
        span_end,
        CAST(sum(begins_era) OVER (
            PARTITION BY person_no, exposure ORDER BY span_start, span_end
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS BIGINT) AS era_no,
        lead(begins_era) OVER (PARTITION BY person_no, exposure ORDER BY span_start, span_end) AS next_begins_era,
        lead(span_start) OVER (PARTITION BY person_no, exposure ORDER BY span_start, span_end) AS following_start
    FROM marked
)
SELECT
    person_no,
    exposure,
    era_no,
    span_start,
    span_end,
    CASE WHEN next_begins_era = 0 THEN following_start END AS next_span_start
FROM numbered
