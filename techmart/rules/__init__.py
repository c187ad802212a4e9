"""Pure rules: no database, no request, no clock but `clock.utc_now`."""
