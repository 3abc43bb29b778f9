package dev.gantry.outbox;

import dev.gantry.fleet.SchemaName;
import dev.gantry.fleet.WorkerName;

import javax.sql.DataSource;

/**
 * Where the spool is and how much the fleet may keep in it.
 *
 * @param worker whose records these are; only keeps workers out of each other's way
 */
public record SpoolSettings(
        DataSource dataSource, SchemaName schema, WorkerName worker, SpoolBounds bounds) {}
