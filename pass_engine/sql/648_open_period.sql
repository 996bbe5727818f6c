-- Purpose: Periods in which a person is at risk unless an event says otherwise: whole ones, and once more cut at bands of
--     exposure duration or doses for the margins that split by them.
-- Reads: united_period, dated_period, level
-- Writes: open_period
-- Grain: one row a kind of window, person and period; has_earlier, has_later: the person may have others
-- Binds: none
-- Days: both ends count; periods of one kind of window share no day
SELECT window_no, person_no, period_start, period_end, has_earlier, has_later, level_no, origin_date
FROM united_period
UNION ALL
SELECT
    d.window_no, d.person_no, d.period_start, d.period_end, true AS has_earlier, true AS has_later, l.level_no, d.origin_date
FROM dated_period AS d
JOIN level AS l
    ON l.entry_level_no = d.entry_level_no AND l.duration_no = d.duration_no AND l.dose_no = d.dose_no
