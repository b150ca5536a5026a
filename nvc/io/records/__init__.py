"""Small files of numbers: settings, landmarks, reports, tables, reviews.

One module a kind of file, both ways: `report_json` is the report with its schema,
`measurements_csv` the table, `landmarks` and `settings` what a person may change and
give back, `review_log` the append-only file of a review. A record of a new kind is a
module here. Open `report_json` first.
"""
