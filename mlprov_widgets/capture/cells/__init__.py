"""Which code ran: the cells of a notebook or script, and the names that they read and bind."""
