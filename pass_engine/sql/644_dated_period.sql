-- Purpose: Periods cut where a person passes into another band of exposure duration or doses, where a margin splits by them.
-- Reads: window_rule, united_period, dated_band
-- Writes: dated_period
-- Grain: one row a kind of window, person and period within one band of each kind (-9 not split by it)
-- Binds: none
-- Days: both ends count; the parts of a period share no day and leave none out
WITH banded AS (
    SELECT
        w.window_no, u.person_no, u.level_no AS entry_level_no, u.origin_date,
        coalesce(d.band_no, -9) AS duration_no,
        coalesce(g.band_no, -9) AS dose_no,
        greatest(u.period_start, d.from_date, g.from_date) AS period_start,
        least(u.period_end, d.to_date, g.to_date) AS period_end
    FROM window_rule AS w
    JOIN united_period AS u ON u.window_no = w.base_window_no
    LEFT JOIN dated_band AS d
        ON w.by_exposure_duration AND d.kind = 'exposure_duration' AND d.cohort = w.cohort AND d.person_no = u.person_no
        AND d.from_date <= u.period_end AND d.to_date >= u.period_start
    LEFT JOIN dated_band AS g
        ON w.by_cumulative_doses AND g.kind = 'cumulative_doses' AND g.cohort = w.cohort AND g.person_no = u.person_no
        AND g.from_date <= u.period_end AND g.to_date >= u.period_start
    WHERE w.window_no <> w.base_window_no
)
SELECT window_no, person_no, period_start, period_end, entry_level_no, duration_no, dose_no, origin_date
FROM banded
WHERE period_start <= period_end
