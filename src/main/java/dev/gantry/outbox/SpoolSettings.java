package dev.gantry.outbox;

import dev.gantry.fleet.SchemaName;
import dev.gantry.fleet.WorkerName;

import javax.sql.DataSource;

/**
 * Where the spool is and how much the fleet may keep in it.
 *
 * @param worker whose records these are; only keeps workers out of each other's way
 * @param maxRows beyond which no requests are taken; those at work still write what they have
 * @param maxBytes likewise
 */
public record SpoolSettings(
        DataSource dataSource, SchemaName schema, WorkerName worker, long maxRows, long maxBytes) {}
