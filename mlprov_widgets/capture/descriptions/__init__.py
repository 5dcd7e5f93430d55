"""What live objects are, in the fields of a record: data, models, preprocessing."""
