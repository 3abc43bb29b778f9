package dev.gantry.fleet;

import java.time.Instant;

/** A worker that has been heard of lately; times are the database's. */
public record FleetMember(
        String id, String name, String version, Instant startedAt, Instant lastSeen) {}
